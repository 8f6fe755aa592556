"""What the endpoints of the native API do: functions of the service."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any
from urllib.parse import urlencode

import orjson

from csserv.access import Role, check_owner
from csserv.catalog import CatalogEntry, Coverage
from csserv.catalog.layers import FeatureLayer
from csserv.catalog.own_layers import check_name
from csserv.climatology.index_descriptions import describe_indices
from csserv.errors import AccessDeniedError, GranuleError, InvalidAreaError
from csserv.http.native import given_models
from csserv.http.native.endpoint import BASE, VERSION, Call, Reply
from csserv.request import Area, Options, Period
from csserv.request.files import FileChoices, read_upload
from csserv.request.limits import LAYER_LIMITS
from csserv.request.reference import read_reference
from csserv.service import Service
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter

#: callers who list datasets share one look at their files for so long [s]
SHARED_LOOK = 1.0


def list_datasets(call: Call) -> Reply:
    """List the datasets."""
    wanted, covered = call.query.available, call.service.catalog.coverages(SHARED_LOOK)
    entries = call.service.catalog.values()
    rows = ((one, covered.get(one.name)) for one in entries)
    return Reply([_row(one, has) for one, has in rows if wanted in (None, has is not None)])


def show_dataset(call: Call) -> Reply:
    """Show one dataset."""
    entry = call.service.catalog[call.path["name"]]
    if not entry.is_here:
        return Reply(_row(entry, None) | {"coverage": None})
    coverage, period = entry.coverage(), call.query.period
    missing = asdict(coverage.missing(Period.parse(period))) if period else None
    return Reply(_row(entry, coverage) | {"coverage": coverage.to_dict() | {"missing": missing}})


def list_indices(call: Call) -> Reply:
    """List the indices."""
    return Reply(describe_indices())


def list_layers(call: Call) -> Reply:
    """List the feature layers."""
    return Reply([one.row for one in call.service.layers.values()])


def show_layer(call: Call) -> Reply:
    """List the features of a layer, or return their shapes as GeoJSON."""
    layer, search = call.service.layers[call.path["id"]], call.query.search
    if call.query.format == "list":
        return Reply([dict(row) for row in call.service.layers(layer.id, search).rows])
    return Reply(lambda: _shapes(call.service, layer, search), depends_on=(layer, search))


def _shapes(service: Service, layer: FeatureLayer, search: str) -> bytes:
    wanted = set(service.layers(layer.id, search))
    found = [feature for feature in layer.features if feature.id in wanted]
    if not found:
        raise InvalidAreaError(f"no feature of {layer.id} has {search!r} in its name")
    return layer.area(found, layer.title).geojson.encode()


def add_layer(call: Call) -> Reply:
    """Add a layer of the file that is sent."""
    given: given_models.LayerFile = call.query
    choices = FileChoices(**given.model_dump(include={one.name for one in fields(FileChoices)}))
    check_name(call.path["id"])
    layer = call.service.add_layer(
        call.path["id"],
        read_upload(given.filename, call.body, LAYER_LIMITS, choices),
        title=given.title,
        source=given.source,
        licence=given.licence,
        valid_from=given.valid_from,
        replace=given.replace,
    )
    return Reply(layer.row | {"notes": layer.remarks}, f"{BASE}/layers/{layer.id}")


def remove_layer(call: Call) -> Reply:
    """Remove a layer."""
    layer = call.service.layers[call.path["id"]]
    call.service.remove_layer(layer.id)
    return Reply(layer.row)


def estimate(call: Call) -> Reply:
    """Estimate what a request would cost."""
    request: given_models.RequestModel = call.body
    area, options = area_of(call.service, request.area), options_of(request)
    found = call.service.estimate(
        str(request.dataset), request.operation, area, request.period, options
    )
    plain = asdict(found)
    if not found.against:  # clients of version 0.1 do not know them
        del plain["against"], plain["reference_years"]
    if not call.query.result_size:
        del plain["result_bytes"]
    if not call.query.time_range:
        del plain["seconds_low"], plain["seconds_high"], plain["first_guess"]
    return Reply(plain)


def submit(call: Call) -> Reply:
    """Queue a request."""
    request: given_models.SubmitModel = call.body
    client = request.client or call.caller.name
    if client != call.caller.name and not call.caller.role.covers(Role.ADMIN):
        raise AccessDeniedError(f"only an admin may submit for another client ({client})")
    if request.priority > 0 and not call.caller.role.covers(Role.ADMIN):
        raise AccessDeniedError(
            f"priority {request.priority} needs the role admin; others may give 0 or less"
        )
    task = call.service.submit(
        str(request.dataset),
        request.operation,
        area_of(call.service, request.area),
        request.period,
        options=options_of(request),
        client=client,
        priority=request.priority,
        task_id=request.id or "",
        request_id=call.request_id,
    )
    return Reply(task_document(call.service, task), f"{BASE}/tasks/{task.id}")


def list_tasks(call: Call) -> Reply:
    """List tasks: an admin all, others their own."""
    query: given_models.TaskQuery = call.query
    client = query.client
    if not call.caller.role.covers(Role.ADMIN):
        client = client or call.caller.name
        if client != call.caller.name:
            raise AccessDeniedError("only an admin may list the tasks of others")
    moment, _, task_id = (query.after or "").partition("_")
    after = (moment, task_id) if query.after else None
    wanted = TaskFilter(query.since, query.state, client, query.dataset, after)
    first = 0 if after else (query.page - 1) * query.count
    found = call.service.tasks(wanted, first, query.count + 1)
    shown = found[: query.count]
    rows = [task_document(call.service, task) for task in shown]
    more = _next_page(query, shown[-1]) if len(found) > query.count else None
    left_out = call.service.overview.troubles()
    return Reply({"tasks": rows, "next": more, "left_out": left_out})


def _next_page(query: given_models.TaskQuery, last: Task) -> str:
    """Return the address of the tasks after a task, whatever comes or goes meanwhile."""
    given = query.model_dump(mode="json", exclude_defaults=True, exclude={"page", "after"})
    return f"{BASE}/tasks?{urlencode(given | {'after': f'{last.submitted}_{last.id}'})}"


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
    """Report whether a runner is at work, what stands still, and the number of open tasks."""
    state = call.service.runner_state()
    status = "stalled" if state.troubles else "ok" if state.leads else "no runner"
    found = {"status": status, "troubles": state.troubles}
    return Reply(found | {"version": VERSION, "open_tasks": call.service.count_open()})


def streamed(call: Call) -> Reply:
    """Stand in the table for an answer that a handler streams: see ``csserv.http.routes``."""
    raise LookupError(f"no handler streams {call.path}")


def area_of(service: Service, given: object) -> Area:
    """Return the area of a request; a text is taken as a name, never as a file of the server."""
    match given:
        case given_models.Box():
            return Area.from_box(*given.box)
        case given_models.Point():
            return Area.from_point(*given.point)
        case given_models.LayerFeatures():
            return service.layers.area(given.layer, given.features, service.limits)
        case given_models.GeoJson():
            return Area.from_geojson(
                given.model_dump(exclude={"name_field", "id_field"}),
                limits=service.limits,
                name_field=given.name_field,
                id_field=given.id_field,
            )
    return service.layers.find(str(given), service.limits)


def options_of(request: given_models.RequestModel) -> Options:
    """Return the options of a request."""
    return Options.of(
        request.select,
        request.index_options,
        time_step=request.time_step,
        units=request.units,
        weighting=request.weighting,
        least_valid=request.least_valid,
        over_time=request.over_time,
        accumulate=request.accumulate,
        against=read_reference(request.against),
        own_year=request.own_year,
        index=request.index,
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


def _row(entry: CatalogEntry, covered: Coverage | GranuleError | None) -> dict[str, Any]:
    if isinstance(covered, Coverage):
        said = {"available": True, "reason": "", "first": covered.first, "last": covered.last}
    else:
        why = str(covered or entry.unavailable_reason)
        said = {"available": False, "reason": why, "first": None, "last": None}
    return entry.describe() | said


def _worker(worker: Any) -> dict[str, Any]:
    plain = asdict(worker)
    del plain["address"]
    return plain
