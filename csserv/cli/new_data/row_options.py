"""Options for the fields of a dataset's row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import click

#: fields of a row that may be given when it is added: texts, and what they are
GIVEN = {
    "title": "What it is, in a line.",
    "units": "In place of those that the files say.",
    "time-step": "hour, day, pentad, dekad, month, …: where that cannot be told from the times.",
    "over-time": "sum, mean, max or min: how steps become longer ones.",
    "time-at": "start, end or centre: where in its step a time stamp stands.",
    "time-from-name": "Where the date stands in a file's name, such as rain.%Y.%m.%d.",
    "bands": "steps or further: what the bands of a GeoTIFF are that say no dates.",
    "crs": "Of the horizontal axes, such as EPSG:3035, where the files do not say it.",
    "description": "What it is, in a sentence or two.",
    "resolution": "As its makers say it.",
    "region": "Where it is of.",
    "source": "Who made it.",
    "licence": "What may be done with it.",
    "citation": "How to cite it.",
    "synthetic": "How its data were made up, where they are; answers say so.",
}

#: fields that are numbers, or several things: how the option takes them, and what they are
OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "variable": (
        {"multiple": True},
        "Name in the files, group/name in a group; needed where they have several. Again for each "
        "other name that it has in some files.",
    ),
    "missing": (
        {"multiple": True, "type": float},
        "Stored number that means missing, besides those that the files state; again for more.",
    ),
    "valid": (
        {"nargs": 2, "type": float, "metavar": "LOW HIGH"},
        "Values outside are missing; -inf and inf are no bound.",
    ),
    "scale": ({"type": float}, "In place of scale_factor: value = stored x scale + offset."),
    "offset": ({"type": float}, "In place of add_offset."),
    "prefer": (
        {"multiple": True},
        "Which file wins where several hold a step: final, newer, or patterns, the best first.",
    ),
    "number": ({"type": int}, "ClimateSERV's number, where it takes that one's place."),
}


def given_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each field that may be given."""
    texts = {name: (dict[str, Any](), text) for name, text in GIVEN.items()}
    for name, (kind, text) in reversed((OTHERS | texts).items()):
        function = click.option(f"--{name}", help=text, **kind)(function)
    return function


def naming_options(told: str) -> str:
    """Name, behind a message, the options for the fields of a row that it speaks of."""
    fields = dict.fromkeys(one.replace("_", "-") for one in re.findall(r"\b([a-z_]+) = ", told))
    options = [f"--{one}" for one in fields if one in OTHERS | GIVEN and f"--{one}" not in told]
    return f"{told} (here: {', '.join(options)})" if options else told


def several(given: Mapping[str, Any]) -> dict[str, Any]:
    """Turn options that may be repeated into fields of a row: a list, or its only element."""
    from csserv.catalog.row_fields import PREFER

    found = {name: list(given[name] or ()) for name in ("variable", "missing", "valid", "prefer")}
    found |= {name: list(map(_whole, found[name])) for name in ("missing", "valid")}
    alone = {n for n, one in found.items() if len(one) == 1 and (n != "prefer" or one[0] in PREFER)}
    return {name: one[0] if name in alone else one for name, one in found.items()}


def _whole(number: float) -> float:
    return int(number) if number.is_integer() else number
