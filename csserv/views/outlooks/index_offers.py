"""Which indices a result can be what they are of, and which other results they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from csserv.climatology.asked_index import fits_kind
from csserv.climatology.index.evaporation import PET_INPUTS
from csserv.climatology.indices import INDICES
from csserv.language import mark, tr
from csserv.outlooks.index_of_results import time_step_of
from csserv.request import Options
from csserv.tasks.log.task import Task
from csserv.units import is_temperature

#: first of the indices that are offered: none
NONE = mark("choose an index")


def offered_indices(plain: Mapping[str, Any]) -> dict[str, str]:
    """Return label → index of those that a result can be computed of, perhaps with another one.

    Parameters
    ----------
    plain : a result's JSON, of one operation
    """
    units, step = str(plain["units"]), time_step_of(plain)
    names = [
        name
        for name, row in INDICES.items()
        if step in row.time_steps and any(fits_kind(kind, units) for kind in _kinds(name))
    ]
    return {tr(NONE): ""} | {f"{name}: {tr(INDICES[name].title)}": name for name in names}


def needs_another(index: str, units: str) -> bool:
    """Whether an index is of two results, of which one has these units."""
    row = INDICES[index]
    if "pet" not in row.parameters:
        return False
    return not (is_temperature(units) and not row.inputs)


def kinds_of(index: str, units: Mapping[str, str]) -> dict[str, str]:
    """Say what each result is, for an index of one or two.

    Parameters
    ----------
    units : name → units of the results, the one that is shown first

    Returns
    -------
    kind of series → name of the result
    """
    first, *others = units
    inputs = INDICES[index].inputs
    if not others:
        alone = inputs[0] if inputs else "temperature"
        return {alone: first}
    (other,) = others
    warm = next((name for name in units if is_temperature(units[name])), "")
    if not warm:
        return {inputs[0] if inputs else "pet": first, "pet": other}
    return {"temperature": warm, inputs[0] if inputs else "pet": other if warm == first else first}


def suits_beside(task: Task, other: Task) -> bool:
    """Whether the result of another task may be what an index needs beside that of a task."""
    one, two = task.request, other.request
    are_results = one.has_result and two.has_result
    if not are_results or one.dataset == two.dataset or "," in two.operation:
        return False
    options, others = (Options.from_dict(each.options) for each in (one, two))
    is_plain = not others.index and others.accumulate == 1
    same_steps = options.step_name == others.step_name
    return is_plain and same_steps and (one.area, one.period) == (two.area, two.period)


def as_request(task: Task, index: str, accumulate: int, options: Mapping[str, Any]) -> Task:
    """Return a task whose request is for an index of the same data, of their whole record."""
    asked = {**task.request.options, "index": index, "accumulate": accumulate}
    asked |= {"index_options": sorted([name, value] for name, value in options.items())}
    first = task.request.operation.split(",")[0]
    return replace(task, request=replace(task.request, operation=first, options=asked))


def _kinds(index: str) -> set[str]:
    """Return all that an index may be of, whatever its parameters."""
    row = INDICES[index]
    ways = PET_INPUTS.values() if "pet" in row.parameters else ()
    return {*row.inputs, *(kind for way in ways for kind in way)}
