"""The native API, ``/api/v1/``: a table of endpoints, each a function of the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel

from csserv.access import Caller, Role, check_own
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
    """What an endpoint is asked."""

    service: Service
    caller: Caller
    path: Mapping[str, str]
    query: Any  #: of the endpoint's query model
    body: Any  #: of the endpoint's body model


@dataclass(frozen=True)
class Reply:
    """What an endpoint answers."""

    value: Any
    location: str = ""


@dataclass(frozen=True)
class Endpoint:
    """One thing that can be asked over HTTP.

    Attributes
    ----------
    path : below ``/api/v1``, with names in braces
    run : makes the answer, unless a handler of its own streams it
    role : what the caller must at least be; None where anybody may ask
    answer : model of the answer, or the media types of a stream
    """

    method: str
    path: str
    summary: str
    run: Callable[[Call], Reply]
    answer: Any
    role: Role | None = Role.READER
    query: type[BaseModel] = models.Nothing
    body: type[BaseModel] | None = None
    status: HTTPStatus = HTTPStatus.OK
    errors: tuple[int, ...] = ()

    @property
    def streams(self) -> bool:
        """Whether a handler of its own makes the answer."""
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
    """List the features of a layer, or give their shapes."""
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
    """Say what a request would cost."""
    asked = call.body
    area, options = area_of(call.service, asked.area), options_of(asked)
    found = call.service.estimate(str(asked.dataset), asked.operation, area, asked.period, options)
    return Reply(asdict(found))


def submit(call: Call) -> Reply:
    """Queue a request."""
    asked: models.Submit = call.body
    client = asked.client or call.caller.name
    if client != call.caller.name and not call.caller.role.covers(Role.ADMIN):
        raise AccessDeniedError(f"only an admin may submit for another client ({client})")
    task = call.service.submit(
        str(asked.dataset),
        asked.operation,
        area_of(call.service, asked.area),
        asked.period,
        options=options_of(asked),
        client=client,
        priority=asked.priority,
        task_id=asked.id or "",
    )
    return Reply(shown(call.service, task), f"{BASE}/tasks/{task.id}")


def list_tasks(call: Call) -> Reply:
    """List tasks: an admin all, others their own."""
    asked: models.TaskQuery = call.query
    client = asked.client
    if not call.caller.role.covers(Role.ADMIN):
        client = client or call.caller.name
        if client != call.caller.name:
            raise AccessDeniedError("only an admin may list the tasks of others")
    wanted = TaskFilter(asked.since, asked.state, client, asked.dataset)
    first = (asked.page - 1) * asked.count
    found = call.service.tasks(wanted, first, asked.count + 1)
    given = asked.model_dump(mode="json", exclude_defaults=True) | {"page": asked.page + 1}
    more = f"{BASE}/tasks?{urlencode(given)}" if len(found) > asked.count else None
    rows = [shown(call.service, task) for task in found[: asked.count]]
    return Reply({"tasks": rows, "next": more})


def show_task(call: Call) -> Reply:
    """Show one task."""
    return Reply(shown(call.service, call.service.task(call.path["id"])))


def show_area(call: Call) -> Reply:
    """Give the area of a task."""
    return Reply(orjson.loads(call.service.task_area(call.path["id"]).geojson))


def delete_task(call: Call) -> Reply:
    """Cancel a task, or remove one that has ended with its result."""
    task = call.service.task(call.path["id"])
    check_own(call.caller, task.client)
    match call.query.action:
        case "cancel":
            task = call.service.cancel(task)
        case "remove":
            call.service.delete(task)
        case _ if task.state.is_final:
            call.service.delete(task)
        case _:
            task = call.service.cancel(task)
    return Reply(shown(call.service, task))


def list_workers(call: Call) -> Reply:
    """List the workers."""
    return Reply([_worker(one) for one in call.service.workers()])


def stop_worker(call: Call) -> Reply:
    """Let a worker finish what it does, and go."""
    return Reply(_worker(call.service.stop_worker(call.path["uuid"])))


def health(call: Call) -> Reply:
    """Say whether the server is in order."""
    runs = call.service.has_runner()
    count = call.service.count_open()
    return Reply({"status": "ok" if runs else "no runner", "version": VERSION, "open_tasks": count})


def streamed(call: Call) -> Reply:
    """Stand for an answer that a handler of its own streams: see ``csserv.http.routes``."""
    raise LookupError(f"no handler streams {call.path}")


def area_of(service: Service, given: object) -> Area:
    """Make the area of a request; a text is a name, never a file of the server."""
    match given:
        case models.Box():
            return Area.from_box(*given.box)
        case models.Point():
            return Area.from_point(*given.point)
        case models.OfLayer():
            return service.layers.area(given.layer, given.features)
        case models.GeoJson():
            return Area.from_geojson(given.model_dump(), limits=service.limits)
    return service.layers.find(str(given))


def options_of(asked: models.Ask) -> Options:
    """Make the options of a request."""
    return Options.of(
        asked.select,
        time_step=asked.time_step,
        units=asked.units,
        weighting=asked.weighting,
        least_valid=asked.least_valid,
    )


def shown(service: Service, task: Task) -> dict[str, Any]:
    """Write a task as the API shows it."""
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


#: what can be asked. To add something, add a row and, unless it streams, a function
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
        body=models.Ask,
        errors=(404, 413, 422, 503),
    ),
    Endpoint(
        "POST",
        "/tasks",
        "Submit a request",
        submit,
        models.TaskModel,
        role=Role.SUBMITTER,
        body=models.Submit,
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
