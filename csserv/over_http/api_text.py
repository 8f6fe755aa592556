"""What is sent to a server and read from it: addresses, requests, tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import quote

from csserv.request import Options, Period
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_ids import id_of


def layer_path(name: str) -> str:
    """Return the address of a layer below ``/api/v1``."""
    return f"/layers/{quote(name, safe='')}"


def dataset_path(name: str) -> str:
    """Return the address of a dataset below ``/api/v1``."""
    return f"/datasets/{quote(str(name), safe='')}"


def task_name(task: Task | str) -> str:
    """Return the id of a task as a part of an address."""
    return quote(id_of(task), safe="")


def asked(
    dataset: str, operation: str, area: Any, period: Period | str, options: Options
) -> dict[str, Any]:
    """Write a request as the API expects it; ``area`` is written already."""
    plain: dict[str, Any] = {
        "dataset": str(dataset),
        "operation": operation,
        "area": area,
        "period": str(period),
        "time_step": options.time_step,
        "least_valid": options.least_valid,
        "units": options.units or None,
        "weighting": options.weighting,
        "select": dict(options.select),
    }
    # servers of version 0.1 do not know them
    newer = {
        "over_time": options.over_time,
        "accumulate": options.accumulate,
        "against": options.against,
        "own_year": options.own_year,
        "index": options.index,
        "index_options": dict(options.index_options) or "",
    }
    return plain | {name: value for name, value in newer.items() if value not in ("", 1, "in")}


def read_task(plain: Mapping[str, Any]) -> Task:
    """Read a task of the API; what a newer server says more is left out."""
    known = {field.name for field in fields(Task)}
    return Task.from_dict({name: value for name, value in plain.items() if name in known})
