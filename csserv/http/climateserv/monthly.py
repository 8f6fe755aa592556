"""The monthly rainfall analysis: the climatology of the record beside a seasonal forecast.

It is several tasks: one on the record, whose id the caller gets, and one on each member of the
forecast. Each has the id that follows from the one before, so nothing else must remember them.
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
from csserv.http.climateserv.ask import area_of
from csserv.http.climateserv.call import NO_DATA, Call, Reply
from csserv.http.climateserv.tables import MODELS, VARIABLES
from csserv.request import Area, Options, Period
from csserv.service import Service
from csserv.tasks.log.task import Task

#: number of the record, CHIRPS
RECORD = "0"

#: how the record is asked for: rain of each month [mm]
BY_MONTH = Options(time_step="monthly", units="mm")

#: how the forecast is: rain of each day, so that a month it does not fill has a mean as well
BY_DAY = Options(units="mm/day")

#: months of the analysis, and the days that they have at most
MONTHS, DAYS = 6, 184

#: less of a month than this share says too little of it
LEAST = 0.5

#: of an analysis: dataset, options, period
Part = tuple[CatalogEntry, Options, Period]


def submit(call: Call) -> Reply:
    """Queue an analysis; answer its id."""
    service = call.service
    area = area_of(service, call.given)
    parts = [_record(service), *_forecasts(service)]
    ids = [str(uuid4())]
    while len(ids) < len(parts):
        ids.append(following(ids[-1]))
    _submit(call, area, list(zip(parts, ids, strict=True)))
    return Reply([ids[0]])


def tasks(service: Service, task_id: str) -> list[Task]:
    """Find the task of an id; of an analysis, all of its tasks.

    Raises
    ------
    TaskNotFoundError : there is none
    """
    found = [service.task(task_id)]
    if BY_MONTH.to_dict().items() <= found[0].request.options.items():
        with suppress(TaskNotFoundError):
            while True:
                found.append(service.task(following(found[-1].id)))
    return found


def following(task_id: str) -> str:
    """Return the id of the next task of an analysis."""
    return str(uuid5(UUID(task_id), "next"))


def analysis(
    record: Mapping[str, Any], forecasts: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Put the record's months beside those of a forecast, its members averaged [mm/month].

    Parameters
    ----------
    record : a result by month [mm]; months that it does not fill do not count
    forecasts : results by day [mm/day], one a member
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


def _record(service: Service) -> Part:
    entry = service.catalog[RECORD]
    entry.check_here()
    first, last = entry.extent()
    return entry, BY_MONTH, Period(_date(first), _date(last))


def _forecasts(service: Service) -> list[Part]:
    """Find the members of the first model that is here, and their last six months."""
    for numbers in MODELS.values():
        rain = numbers[list(VARIABLES).index("Precipitation") :: len(VARIABLES)]
        members = [one for one in service.catalog.values() if one.number in rain and one.is_here]
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
    """Bring a day of any calendar to one of ours that is not after it."""
    year, month, number = day
    while True:
        with suppress(ValueError):
            return date(year, month, number)
        number -= 1


def _submit(call: Call, area: Area, parts: list[tuple[Part, str]]) -> None:
    """Queue the tasks, the last one first: what is not whole is not found by its first id."""
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
                )
            )
    except CsservError:
        for task in done:
            call.service.cancel(task)
        raise


def _by_month(record: Mapping[str, Any]) -> dict[int, list[float]]:
    """Sort the months of a record by their number; those that are not whole do not count."""
    found: dict[int, list[float]] = defaultdict(list)
    series, whole = record["series"][0], record["steps"]["complete"]
    for time, value, counts in zip(series["time"], series["value"], whole, strict=True):
        if counts and value is not None:
            found[int(time[5:7])].append(value)
    return found


def _forecast_months(forecast: Mapping[str, Any]) -> Iterator[tuple[tuple[int, int], float]]:
    """Yield year and month, and the rain of the month [mm], of those that are filled enough."""
    rain: dict[tuple[int, int], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    series = forecast["series"][0]
    for time, value in zip(series["time"], series["value"], strict=True):
        if value is not None:
            rain[int(time[:4]), int(time[5:7])][time[:10]].append(value)
    for (year, month), days in rain.items():
        length = cftime.datetime(year, month, 1, calendar=forecast["calendar"]).daysinmonth
        if len(days) >= LEAST * length:
            yield (year, month), length * float(np.mean([np.mean(day) for day in days.values()]))
