"""Reads the request of a result back from its JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
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


def request_of(result: Result) -> Request:
    """Build the request of a result again."""
    return request_in(result.json, result.area)


def request_in(plain: Mapping[str, Any], area: Area) -> Request:
    """Build the request in a result's JSON again, for an area."""
    asked = plain["request"]
    return Request(
        dataset=asked["dataset"],
        operation=asked["operation"],
        area=area,
        period=Period.parse(asked["period"]),
        options=Options.from_dict(asked.get("options", {})),
    )
