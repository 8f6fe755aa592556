"""The monthly rainfall analysis of ClimateSERV: a seasonal forecast beside past months.

An analysis is several tasks: one on the record, CHIRPS, whose id the caller gets, and one on each
member of the forecast. The id of each task follows from the one before, so the first is enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import cftime
import numpy as np

from csserv.catalog import CatalogEntry
from csserv.errors import CsservError, EmptySelectionError, TaskNotFoundError
from csserv.http.climateserv.call import NO_DATA, Call, Reply
from csserv.http.climateserv.submitting import area_of
from csserv.http.climateserv.tables import MODELS, VARIABLES
from csserv.request import Area, Options, Period
from csserv.service import Service
from csserv.tasks.log.task import Task

#: ClimateSERV's number of the record, CHIRPS
RECORD = "0"

#: options of the task on the record: rain of each month [mm]
BY_MONTH = Options(time_step="monthly", units="mm")

#: options of the forecast: rain of each day, so that months in part have a mean as well
BY_DAY = Options(units="mm/day")

#: number of months in an analysis, and the most days that they have
MONTHS, DAYS = 6, 184

#: least share of a month that the forecast must have [1]
LEAST_SHARE = 0.5

#: a task of an analysis: dataset, options, period
AnalysisPart = tuple[CatalogEntry, Options, Period]


def submit(call: Call) -> Reply:
    """Queue an analysis; return its id."""
    service = call.service
    area = area_of(service, call.parameters)
    parts = [_record(service), *_forecasts(service)]
    ids = [str(uuid4())]
    while len(ids) < len(parts):
        ids.append(next_id(ids[-1]))
    _submit(call, area, list(zip(parts, ids, strict=True)))
    return Reply([ids[0]])


def tasks(service: Service, task_id: str) -> list[Task]:
    """Return the task of an id; for an analysis, all of its tasks.

    Raises
    ------
    TaskNotFoundError : no task has that id
    """
    found = [service.task(task_id)]
    if BY_MONTH.to_dict().items() <= found[0].request.options.items():
        with suppress(TaskNotFoundError):
            while True:
                found.append(service.task(next_id(found[-1].id)))
    return found


def next_id(task_id: str) -> str:
    """Return the id of the next task of an analysis."""
    return str(uuid5(UUID(task_id), "next"))


def analysis(
    record: Mapping[str, Any], forecasts: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return a row for each month of a forecast: mean of its members, and past months [mm/month].

    Parameters
    ----------
    record : JSON of a result by month [mm]; incomplete months are left out
    forecasts : JSON of results by day [mm/day], one for each member
    """
    known = _by_month(record)
    members = [dict(_forecast_months(one)) for one in forecasts]
    months = sorted({month for one in members for month in one})[-MONTHS:]
    rows = []
    for year, month in months:
        values = [one[year, month] for one in members if (year, month) in one]
        quarters = np.percentile(known[month], (25, 75, 50)) if known[month] else [None] * 3
        columns = {
            "col02_MonthlyAverage": np.mean(values),
            "col03_25thPercentile": quarters[0],
            "col04_75thPercentile": quarters[1],
            "col05_50thPercentile": quarters[2],
            "col06_LongTermMean": np.mean(known[month]) if known[month] else None,
        }
        plain = {name: NO_DATA if v is None else float(v) for name, v in columns.items()}
        rows.append({"col01_Month": f"{month:02}"} | plain)
    return rows


def _record(service: Service) -> AnalysisPart:
    entry = service.catalog[RECORD]
    entry.check_here()
    first, last = entry.extent()
    return entry, BY_MONTH, Period(_date(first), _date(last))


def _forecasts(service: Service) -> list[AnalysisPart]:
    """Return the last six months of each member of the first model that has files here."""
    here = service.catalog.here().values()
    for numbers in MODELS.values():
        rain = numbers[list(VARIABLES).index("Precipitation") :: len(VARIABLES)]
        members = [one for one in here if one.number in rain]
        if members:
            return [(one, BY_DAY, _last_days(one)) for one in members]
    raise EmptySelectionError(
        "the analysis needs a seasonal forecast of rain, and none is on this server: "
        "none of the datasets 7, 9, … 25 (CCSM4) and 43, 45, … 89 (CFSv2) has files"
    )


def _last_days(entry: CatalogEntry) -> Period:
    first, last = (_date(day) for day in entry.extent())
    return Period(max(first, last - timedelta(days=DAYS)), last)


def _date(day: tuple[int, int, int]) -> date:
    """Convert a day of any calendar; 30 February becomes the last real day before it."""
    year, month, number = day
    while True:
        with suppress(ValueError):
            return date(year, month, number)
        number -= 1


def _submit(call: Call, area: Area, parts: list[tuple[AnalysisPart, str]]) -> None:
    """Queue the tasks, the last one first: so an analysis in part has no task under its id."""
    done: list[Task] = []
    try:
        for (entry, options, period), task_id in reversed(parts):
            done.append(
                call.service.submit(
                    entry.name,
                    "mean",
                    area,
                    period,
                    options=options,
                    client=call.caller.name,
                    task_id=task_id,
                    request_id=call.request_id,
                )
            )
    except CsservError:
        for task in done:
            call.service.cancel(task)
        raise


def _by_month(record: Mapping[str, Any]) -> dict[int, list[float]]:
    """Group the values of complete months by the number of the month, 1 to 12."""
    found: dict[int, list[float]] = defaultdict(list)
    series, whole = record["series"][0], record["steps"]["complete"]
    for time, value, counts in zip(series["time"], series["value"], whole, strict=True):
        if counts and value is not None:
            found[int(time[5:7])].append(value)
    return found


def _forecast_months(forecast: Mapping[str, Any]) -> Iterator[tuple[tuple[int, int], float]]:
    """Yield (year, month) and rain [mm] of the months that have enough days."""
    rain: dict[tuple[int, int], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    series = forecast["series"][0]
    for time, value in zip(series["time"], series["value"], strict=True):
        if value is not None:
            rain[int(time[:4]), int(time[5:7])][time[:10]].append(value)
    for (year, month), days in rain.items():
        length = cftime.datetime(year, month, 1, calendar=forecast["calendar"]).daysinmonth
        if len(days) >= LEAST_SHARE * length:
            yield (year, month), length * float(np.mean([np.mean(day) for day in days.values()]))
