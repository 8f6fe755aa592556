"""Methods of ClimateSERV's API that return progress, series and files of a request."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import shapely

from csserv.errors import (
    InvalidRequestError,
    TaskExpiredError,
    TaskNotFinishedError,
    TaskNotFoundError,
)
from csserv.http.climateserv import monthly
from csserv.http.climateserv.call import NO_DATA, Call, Reply
from csserv.http.climateserv.percent import NO_RESULT, percent
from csserv.http.climateserv.tables import INTERVALS, OPERATION_CODES, OperationCode
from csserv.http.native.endpoint import BASE
from csserv.http.native.streams import checked_id
from csserv.outputs import Result
from csserv.service import Service
from csserv.tasks.log.task import Task, TaskState

EPOCH = date(1970, 1, 1).toordinal()


def progress(call: Call) -> Reply:
    """Return the progress of a request [%], or -1."""
    try:
        tasks = _tasks(call)
        for task in tasks:
            if task.state is TaskState.SUCCEEDED:
                call.service.result(task, wait=False)
    except (TaskNotFoundError, TaskExpiredError):
        return Reply([NO_RESULT])
    return Reply([_progress(call, tasks)])


def data(call: Call) -> Reply:
    """Return the series of a request."""
    first, *forecasts = _tasks(call)
    opened = [call.service.result(task, wait=False) for task in (first, *forecasts)]
    if forecasts:
        rows = monthly.analysis(opened[0].json, [one.json for one in opened[1:]])
        return Reply({"MonthlyAnalysisOutput": {"avg_percentiles_dataLines": rows}})
    return Reply(_document(call.service, first, opened[0]), link=f"{BASE}/tasks/{first.id}/result")


def file(call: Call) -> Reply:
    """Return the file of a request: the ZIP of an export, else its series as CSV."""
    tasks = _tasks(call)
    try:
        results = [call.service.result(task, wait=False) for task in tasks]
    except TaskNotFinishedError:
        done = f"{_progress(call, tasks):.1f}"
        return Reply({"msg": "File still being built.", "fileProgress": done}, 409)
    if len(results) > 1:
        raise InvalidRequestError("a monthly analysis has no file; see getDataFromRequest")
    task, result = tasks[0], results[0]
    if task.request.operation in ("geotiff", "netcdf"):
        return Reply(file=result.folder / f"{task.id}.zip")
    text = _csv(_series(task, result))
    return Reply(file=result.path, content=text.encode(), name=f"{task.id}.csv")


def _tasks(call: Call) -> list[Task]:
    return monthly.tasks(call.service, checked_id(call.task_id))


def _progress(call: Call, tasks: list[Task]) -> float:
    found = percent(tasks)
    return found if found == NO_RESULT else call.progress.report(tasks[0].id, found)


def _document(service: Service, task: Task, result: Result) -> dict[str, Any]:
    series, code = _series(task, result), _code(task.request.operation)
    interval = _interval(task)
    zone = service.task_area(task).zones[0]
    number = service.catalog[task.request.dataset].number
    return {
        "data": [_row(*step, code, interval) for step in _steps(series)],
        "polygon_Str_ToPass": shapely.to_geojson(zone.geometry),
        "uid": task.id,
        "datatype": task.request.dataset if number is None else number,
        "operationtype": code.number,
        "intervaltype": interval,
        "derived_product": False,
    }


def _series(task: Task, result: Result) -> dict[str, Any]:
    """Return the series of a request with one zone, as all requests of this API have."""
    first, *more = result.json["series"]
    if more:
        raise InvalidRequestError(
            f"the request has {1 + len(more)} zones, each with a series; "
            f"see {BASE}/tasks/{task.id}/result"
        )
    return dict(first)


def _steps(series: dict[str, Any]) -> Iterator[tuple[str, float | None, float]]:
    yield from zip(series["time"], series["value"], series["valid_percent"], strict=True)


def _row(
    time: str, value: float | None, valid: float, code: OperationCode, interval: int
) -> dict[str, Any]:
    year, month, day = map(int, time[:10].split("-"))
    number = 1.0 if code.is_file else NO_DATA if value is None else value
    start = (1 if interval == 2 else month, day if interval == 0 else 1)
    return {
        "year": year,
        "month": month,
        "day": day,
        "date": _written(year, month, day),
        # of any calendar: 30 February is the day after the 29th
        "epochTime": 86400 * (date(year, month, 1).toordinal() + day - 1 - EPOCH),
        "value": {code.key: number},
        "raw_value": number,
        "NaN": round(100.0 - valid, 2),
        "isodate": _written(year, *start),
    }


def _written(year: int, month: int, day: int) -> str:
    return f"{month:02}/{day:02}/{year:04}"


def _csv(series: dict[str, Any]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["Date", "Value"])
    for time, value, _ in _steps(series):
        writer.writerow([time, NO_DATA if value is None else value])
    return text.getvalue()


def _code(operation: str) -> OperationCode:
    """Return the code of an operation; number -1 for one that ClimateSERV does not have."""
    known = {code.operation: code for code in OPERATION_CODES}
    return known.get(operation) or OperationCode(-1, operation, operation, operation)


def _interval(task: Task) -> int:
    steps = {step: number for number, step in INTERVALS.items()}
    return steps.get(task.request.options.get("time_step", "native"), 0)
