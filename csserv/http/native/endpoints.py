"""The endpoints of the native API: functions of the service, and the table of their paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel

from csserv.access import Caller, Role, check_owner
from csserv.catalog import CatalogEntry
from csserv.errors import AccessDeniedError, GranuleError, InvalidAreaError
from csserv.http.native import models
from csserv.outputs.series_files import SERIES_FORMATS
from csserv.request import Area, Options, Period
from csserv.service import Service
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter

BASE = "/api/v1"

VERSION = version("csserv")


@dataclass(frozen=True)
class Call:
    """The input of an endpoint.

    Attributes
    ----------
    path : values of the names in the path
    query, body : instances of the query and body models of the endpoint
    """

    service: Service
    caller: Caller
    path: Mapping[str, str]
    query: Any
    body: Any


@dataclass(frozen=True)
class Reply:
    """The answer of an endpoint: a value, to be written as JSON.

    Attributes
    ----------
    location : address of what was made, for the ``Location`` header
    """

    value: Any
    location: str = ""


@dataclass(frozen=True)
class Endpoint:
    """One method of one path of the API.

    Attributes
    ----------
    path : below ``/api/v1``, with names in braces
    run : makes the answer; not called where a handler of its own streams it
    answer : model of the answer, or the media types of a stream
    role : the least role of a caller; None where anybody may ask
    query, body : models of the parameters and of the body
    errors : status codes that the endpoint may answer, beside those that all may
    """

    method: str
    path: str
    summary: str
    run: Callable[[Call], Reply]
    answer: Any
    role: Role | None = Role.READER
    query: type[BaseModel] = models.NoParameters
    body: type[BaseModel] | None = None
    status: HTTPStatus = HTTPStatus.OK
    errors: tuple[int, ...] = ()

    @property
    def streams(self) -> bool:
        """Whether a handler of its own streams the answer."""
        return isinstance(self.answer, tuple)


def list_datasets(call: Call) -> Reply:
    """List the datasets."""
    wanted = call.query.available
    entries = call.service.catalog.values()
    return Reply([_row(one) for one in entries if wanted is None or one.is_here == wanted])


def show_dataset(call: Call) -> Reply:
    """Show one dataset."""
    entry = call.service.catalog[call.path["name"]]
    if not entry.is_here:
        return Reply(_row(entry) | {"coverage": None})
    coverage, period = entry.coverage(), call.query.period
    missing = asdict(coverage.missing(Period.parse(period))) if period else None
    return Reply(_row(entry) | {"coverage": coverage.to_dict() | {"missing": missing}})


def list_layers(call: Call) -> Reply:
    """List the feature layers."""
    layers = call.service.layers.values()
    return Reply([{"id": one.id, "title": one.title, "features": len(one)} for one in layers])


def show_layer(call: Call) -> Reply:
    """List the features of a layer, or return their shapes as GeoJSON."""
    layer = call.service.layers[call.path["id"]]
    text = call.query.search.casefold()
    found = [
        feature
        for feature in layer.features
        if text in f"{feature.id} {feature.name} {feature.iso}".casefold()
    ]
    if call.query.format == "list":
        return Reply([asdict(feature) for feature in found])
    if not found:
        raise InvalidAreaError(f"no feature of {layer.id} has {call.query.search!r} in its name")
    area = Area(tuple(layer.zone(feature) for feature in found), layer.title)
    return Reply(orjson.loads(area.geojson))


def estimate(call: Call) -> Reply:
    """Estimate what a request would cost."""
    request: models.RequestModel = call.body
    area, options = area_of(call.service, request.area), options_of(request)
    found = call.service.estimate(
        str(request.dataset), request.operation, area, request.period, options
    )
    return Reply(asdict(found))


def submit(call: Call) -> Reply:
    """Queue a request."""
    request: models.SubmitModel = call.body
    client = request.client or call.caller.name
    if client != call.caller.name and not call.caller.role.covers(Role.ADMIN):
        raise AccessDeniedError(f"only an admin may submit for another client ({client})")
    task = call.service.submit(
        str(request.dataset),
        request.operation,
        area_of(call.service, request.area),
        request.period,
        options=options_of(request),
        client=client,
        priority=request.priority,
        task_id=request.id or "",
    )
    return Reply(task_document(call.service, task), f"{BASE}/tasks/{task.id}")


def list_tasks(call: Call) -> Reply:
    """List tasks: an admin all, others their own."""
    query: models.TaskQuery = call.query
    client = query.client
    if not call.caller.role.covers(Role.ADMIN):
        client = client or call.caller.name
        if client != call.caller.name:
            raise AccessDeniedError("only an admin may list the tasks of others")
    wanted = TaskFilter(query.since, query.state, client, query.dataset)
    first = (query.page - 1) * query.count
    found = call.service.tasks(wanted, first, query.count + 1)
    given = query.model_dump(mode="json", exclude_defaults=True) | {"page": query.page + 1}
    more = f"{BASE}/tasks?{urlencode(given)}" if len(found) > query.count else None
    rows = [task_document(call.service, task) for task in found[: query.count]]
    return Reply({"tasks": rows, "next": more})


def show_task(call: Call) -> Reply:
    """Show one task."""
    return Reply(task_document(call.service, call.service.task(call.path["id"])))


def show_area(call: Call) -> Reply:
    """Return the area of a task as GeoJSON."""
    return Reply(orjson.loads(call.service.task_area(call.path["id"]).geojson))


def delete_task(call: Call) -> Reply:
    """Cancel a task, or remove one that has ended with its result."""
    task = call.service.task(call.path["id"])
    check_owner(call.caller, task.client)
    match call.query.action:
        case "cancel":
            task = call.service.cancel(task)
        case "remove":
            call.service.delete(task)
        case _ if task.state.is_final:
            call.service.delete(task)
        case _:
            task = call.service.cancel(task)
    return Reply(task_document(call.service, task))


def list_workers(call: Call) -> Reply:
    """List the workers."""
    return Reply([_worker(one) for one in call.service.workers()])


def stop_worker(call: Call) -> Reply:
    """Stop a worker once it has finished its call."""
    return Reply(_worker(call.service.stop_worker(call.path["uuid"])))


def health(call: Call) -> Reply:
    """Report whether a runner is at work, the version, and the number of open tasks."""
    runs = call.service.has_runner()
    count = call.service.count_open()
    return Reply({"status": "ok" if runs else "no runner", "version": VERSION, "open_tasks": count})


def streamed(call: Call) -> Reply:
    """Stand in the table for an answer that a handler streams: see ``csserv.http.routes``."""
    raise LookupError(f"no handler streams {call.path}")


def area_of(service: Service, given: object) -> Area:
    """Return the area of a request; a text is taken as a name, never as a file of the server."""
    match given:
        case models.Box():
            return Area.from_box(*given.box)
        case models.Point():
            return Area.from_point(*given.point)
        case models.LayerFeatures():
            return service.layers.area(given.layer, given.features)
        case models.GeoJson():
            return Area.from_geojson(given.model_dump(), limits=service.limits)
    return service.layers.find(str(given))


def options_of(request: models.RequestModel) -> Options:
    """Return the options of a request."""
    return Options.of(
        request.select,
        time_step=request.time_step,
        units=request.units,
        weighting=request.weighting,
        least_valid=request.least_valid,
        over_time=request.over_time,
        accumulate=request.accumulate,
    )


def task_document(service: Service, task: Task) -> dict[str, Any]:
    """Write a task as JSON, with its progress and links."""
    here = f"{BASE}/tasks/{task.id}"
    names = service.file_names(task) if task.state is TaskState.SUCCEEDED else []
    plain = task.to_dict()
    del plain["lease_until"]
    links = {
        "self": here,
        "events": f"{here}/events",
        "result": f"{here}/result",
        "files": [f"{here}/files/{name}" for name in names],
    }
    return plain | {"progress": task.progress, "links": links}


def _row(entry: CatalogEntry) -> dict[str, Any]:
    first = last = None
    why = "" if entry.is_here else entry.unavailable_reason
    if not why:
        try:
            coverage = entry.coverage()
            first, last = coverage.first, coverage.last
        except GranuleError as error:
            why = str(error)
    return entry.describe() | {"available": not why, "reason": why, "first": first, "last": last}


def _worker(worker: Any) -> dict[str, Any]:
    plain = asdict(worker)
    del plain["address"]
    return plain


#: all endpoints; to add one, add a row and, unless it streams, a function
ENDPOINTS = (
    Endpoint(
        "GET",
        "/datasets",
        "List the datasets",
        list_datasets,
        list[models.DatasetModel],
        query=models.DatasetQuery,
    ),
    Endpoint(
        "GET",
        "/datasets/{name}",
        "One dataset: time steps, gaps, grid, last update",
        show_dataset,
        models.DatasetInFull,
        query=models.CoverageQuery,
        errors=(404, 503),
    ),
    Endpoint("GET", "/layers", "List the feature layers", list_layers, list[models.LayerModel]),
    Endpoint(
        "GET",
        "/layers/{id}",
        "The features of a layer; their shapes as GeoJSON",
        show_layer,
        list[models.FeatureModel] | dict[str, Any],
        query=models.FeatureQuery,
        errors=(404, 422),
    ),
    Endpoint(
        "POST",
        "/estimate",
        "What a request would cost; no task is made",
        estimate,
        models.EstimateModel,
        body=models.RequestModel,
        errors=(404, 413, 422, 503),
    ),
    Endpoint(
        "POST",
        "/tasks",
        "Submit a request",
        submit,
        models.TaskModel,
        role=Role.SUBMITTER,
        body=models.SubmitModel,
        status=HTTPStatus.ACCEPTED,
        errors=(404, 413, 422, 503),
    ),
    Endpoint(
        "GET",
        "/tasks",
        "List tasks, newest first, a page at a time",
        list_tasks,
        models.TaskPage,
        query=models.TaskQuery,
        errors=(422,),
    ),
    Endpoint("GET", "/tasks/{id}", "One task", show_task, models.TaskModel, errors=(404, 410)),
    Endpoint(
        "DELETE",
        "/tasks/{id}",
        "Cancel a task; one that has ended is removed, with its result",
        delete_task,
        models.TaskModel,
        role=Role.SUBMITTER,
        query=models.DeleteQuery,
        errors=(404, 409, 410, 503),
    ),
    Endpoint(
        "GET",
        "/tasks/{id}/area",
        "The area that a task asks about, as GeoJSON",
        show_area,
        dict[str, Any],
        errors=(404, 410),
    ),
    Endpoint(
        "GET",
        "/tasks/{id}/events",
        "Server-sent events: `task` (as GET tasks/{id}), `series` (new steps), `end`",
        streamed,
        ("text/event-stream",),
        errors=(404, 410),
    ),
    Endpoint(
        "GET",
        "/tasks/{id}/result",
        "The result of a task",
        streamed,
        ("application/json", *(form.media for form in SERIES_FORMATS.values())),
        query=models.ResultQuery,
        errors=(404, 409, 410),
    ),
    Endpoint(
        "GET",
        "/tasks/{id}/files/{name}",
        "One file of the result; Range and ETag are honoured",
        streamed,
        ("application/json", "application/zip"),
        errors=(404, 409, 410, 416),
    ),
    Endpoint(
        "GET",
        "/workers",
        "List the workers",
        list_workers,
        list[models.WorkerModel],
        errors=(503,),
    ),
    Endpoint(
        "DELETE",
        "/workers/{uuid}",
        "Stop a worker: it finishes what it does and goes",
        stop_worker,
        models.WorkerModel,
        role=Role.ADMIN,
        errors=(404, 503),
    ),
    Endpoint("GET", "/health", "Is the server in order?", health, models.HealthModel, role=None),
)
