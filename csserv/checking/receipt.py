"""The request behind a result, read back from its JSON; and which zone and step is meant."""

from __future__ import annotations

from typing import Any

from csserv.errors import InvalidRequestError
from csserv.outputs import Result
from csserv.request import Area, Options, Period, Request


def request_of(result: Result, area: Area | None = None) -> Request:
    """Build the request of a result anew, for its own area unless another is given."""
    asked = result.json["request"]
    return Request(
        dataset=asked["dataset"],
        operation=asked["operation"],
        area=area or result.area,
        period=Period.parse(asked["period"]),
        options=Options.from_dict(asked.get("options", {})),
    )


def find_zone(result: Result, wanted: str | None) -> int:
    """Find the number of a zone by its id or name; None will do where there is but one.

    Raises
    ------
    InvalidRequestError : there is none, or more than one; names them
    """
    zones = [one["zone"] for one in result.json["series"]]
    names = ", ".join(zone["name"] for zone in zones[:12]) + (", …" if len(zones) > 12 else "")
    if wanted is None:
        if len(zones) > 1:
            raise InvalidRequestError(f"say which zone, of {names}")
        return 0
    for key in ("id", "name"):
        if found := [i for i, zone in enumerate(zones) if zone[key] == str(wanted)]:
            if len(found) > 1:
                raise InvalidRequestError(f"{len(found)} zones are called {wanted}; give an id")
            return found[0]
    raise InvalidRequestError(f"no zone {str(wanted)!r}; the result has {names}")


def find_step(result: Result, times: list[str], date: Any) -> int:
    """Find the number of the step that is written so, begins so, or holds the day.

    Raises
    ------
    InvalidRequestError : there is none, or more than one; says what there is
    """
    text = str(date).strip().replace(" ", "T").removesuffix("T00:00:00")
    ends = (result.json.get("steps") or {}).get("end", times)
    spans = list(zip(times, ends, strict=True))
    for found in (
        [i for i, time in enumerate(times) if time == text],
        [i for i, time in enumerate(times) if time.startswith(text)],
        [i for i, (start, end) in enumerate(spans) if start <= text <= end],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            some = ", ".join(times[i] for i in found[:5])
            raise InvalidRequestError(f"{text} is {len(found)} steps of the result: {some}, …")
    raise InvalidRequestError(
        f"{text or 'an empty date'} is no step of the result, which has {times[0]} to {ends[-1]}"
    )
