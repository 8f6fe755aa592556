"""Finds a zone or a step in a result's JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from itertools import product
from typing import Any

from csserv.errors import InvalidRequestError
from csserv.name_folding import fold_name
from csserv.outputs.further_dimensions import check_one_selection
from csserv.outputs.series import iso, read_iso
from csserv.request.coordinate_labels import listed


def find_zone(plain: Mapping[str, Any], wanted: str | None) -> int:
    """Return the index of a zone by its id or name, in any case; None stands for the only zone.

    Raises
    ------
    InvalidRequestError : no such zone, or several, or it has several series; says what there is
    """
    check_one_selection(plain, "select={{'{name}': '{label}'}}")
    zones = [one["zone"] for one in plain["series"]]
    names = listed([zone["name"] for zone in zones])
    if wanted is None:
        if len(zones) > 1:
            raise InvalidRequestError(f"say which zone, of {names}")
        return 0
    name = str(wanted)
    for exactly, key in product((True, False), ("id", "name")):
        texts = [zone[key] if exactly else fold_name(zone[key]) for zone in zones]
        sought = name if exactly else fold_name(name)
        if found := [i for i, text in enumerate(texts) if text == sought]:
            if len(found) > 1:
                raise InvalidRequestError(f"{len(found)} zones are called {wanted}; give an id")
            return found[0]
    raise InvalidRequestError(f"no zone {name!r}; the result has {names}")


def find_step(plain: Mapping[str, Any], date: Any) -> int:
    """Return the index of the step with this time, or beginning of a time, or that holds the day.

    Raises
    ------
    InvalidRequestError : no such step, or several; says what there is
    """
    if found := find_steps(plain, date):
        return found[0]
    spans = step_spans(plain)
    raise InvalidRequestError(
        f"{step_text(date) or 'an empty date'} is no step of the result, "
        f"which has {spans[0][0]} to {spans[-1][1]}"
    )


def find_steps(plain: Mapping[str, Any], date: Any) -> list[int]:
    """Return the index of a step as ``find_step`` does; nothing if there is none.

    Raises
    ------
    InvalidRequestError : several steps; says which
    """
    text, spans = step_text(date), step_spans(plain)
    if not text:
        return []
    for found in (
        [i for i, (time, _) in enumerate(spans) if time == text],
        [i for i, (time, _) in enumerate(spans) if time.startswith(text)],
        [i for i, (start, end) in enumerate(spans) if start <= text <= end],
    ):
        if len(found) > 1:
            some = listed([spans[i][0] for i in found])
            raise InvalidRequestError(f"{text} is {len(found)} steps of the result: {some}")
        if found:
            return found
    return []


def step_spans(plain: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return start and last day of each step; of steps of the data, the start twice."""
    times = plain["series"][0]["time"]
    if "index" in plain and "steps" not in plain and "intervals" in plain:  # a count by year
        ends = [_day_before(text, plain["calendar"]) for text in plain["intervals"]["end"]]
        return list(zip(times, ends, strict=True))
    return list(zip(times, (plain.get("steps") or {}).get("end", times), strict=True))


def _day_before(text: str, calendar: str) -> str:
    return iso(read_iso(text, calendar) - timedelta(days=1))


def step_text(date: Any) -> str:
    """Write a date as a result writes it."""
    return re.sub(r"(?<=\d) (?=\d)", "T", str(date).strip()).removesuffix("T00:00:00")
