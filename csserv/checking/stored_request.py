"""Reads the request of a result back from its JSON, and finds a zone or a step in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from csserv.errors import InvalidRequestError, TaskNotFinishedError
from csserv.outputs import Result
from csserv.request import Area, Options, Period, Request


def open_result(path: Path, home: Path) -> Result:
    """Open a result by its folder, or by the path of its JSON file, wherever that was copied to.

    Parameters
    ----------
    home : of the service that knows the shapes of the zones, where a copied file has none beside it

    Raises
    ------
    InvalidRequestError : the file is no JSON of a result
    """
    if path.is_dir() or path.suffix != ".json":
        return Result(path)
    own = Result(path.parent)
    if path == own.path and (path.parent.parent.parent / "areas").is_dir():
        return own
    area = _area_of(path)
    return Result(path.parent, home / "areas" / f"{area}.geojson", path)


def _area_of(path: Path) -> str:
    """Read the hash of the area from a JSON file, if it is that of a result."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TaskNotFinishedError(f"no result in {path}") from None
    except (OSError, ValueError):
        plain = None
    if not isinstance(plain, dict) or not {"request", "series", "provenance"} <= plain.keys():
        raise InvalidRequestError(
            f"{path} is no JSON file of a result; give a task's id, the folder of a result, "
            "or the <id>.json in it"
        )
    return str(plain["request"].get("area_sha256"))


def request_of(result: Result, area: Area | None = None) -> Request:
    """Build the request of a result again, for its own area unless another is given."""
    asked = result.json["request"]
    return Request(
        dataset=asked["dataset"],
        operation=asked["operation"],
        area=area or result.area,
        period=Period.parse(asked["period"]),
        options=Options.from_dict(asked.get("options", {})),
    )


def find_zone(result: Result, wanted: str | None) -> int:
    """Return the index of a zone by its id or name; None stands for the only zone.

    Raises
    ------
    InvalidRequestError : no such zone, or several; says what there is
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
    """Return the index of the step with this time, or beginning of a time, or that holds the day.

    Raises
    ------
    InvalidRequestError : no such step, or several; says what there is
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
