"""Areas found without a map: by name, by the edges of a box, in a file that was sent."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from csserv.catalog import Layers
from csserv.catalog.layers import folded
from csserv.errors import InvalidAreaError
from csserv.request import Area
from csserv.request.files import read_upload
from csserv.request.limits import READING
from csserv.views.picking import MOST_ZONES

#: larger files are refused before they are sent [bytes]
LARGEST_FILE = 50 * 2**20

#: the endings of files that hold areas, as browsers want them
ACCEPTED = ".geojson,.json,.zip,.gpkg,.kml"

#: as many names are offered while somebody types
OFFERED = 50


@lru_cache(maxsize=1)
def _names(layers: tuple[Any, Any]) -> dict[str, str]:
    countries, units = layers
    titles = {feature.iso: feature.name for feature in countries.features}
    names = {feature.name: feature.id for feature in countries.features}
    with_units = {unit.iso for unit in units.features}
    names |= {
        f"{feature.name}, each region": f"{feature.id}/*"
        for feature in countries.features
        if feature.iso in with_units
    }
    for unit in units.features:
        label = f"{unit.name}, {titles.get(unit.iso, unit.iso)}"
        names[label if label not in names else f"{label} ({unit.id})"] = unit.id
    return names


def place_names(layers: Layers) -> dict[str, str]:
    """Name all countries, their regions all together, and each region; each with what finds it."""
    return _names((layers["country"], layers["admin_1_earth"]))


def search(query: str, names: list[str]) -> list[str]:
    """Find names that hold a text, those that begin with it first.

    >>> search("cote", ["Recoteau", "Côte d'Ivoire"])
    ["Côte d'Ivoire", 'Recoteau']
    """
    wanted = folded(query)
    found = [(folded(name), name) for name in names if wanted in folded(name)]
    found.sort(key=lambda pair: (not pair[0].startswith(wanted), len(pair[0])))
    return [name for _, name in found[:OFFERED]]


def box_of(text: str) -> Area:
    """Read a box that was typed.

    >>> box_of("33.9, -4.7; 41.9 5").title
    'box 33.9 -4.7 41.9 5'
    """
    parts = [part for part in re.split(r"[\s,;]+", text.strip()) if part]
    try:
        west, south, east, north = map(float, parts)
    except ValueError:
        raise InvalidAreaError(
            f"{text!r} is no box; write four numbers: west south east north, such as "
            "33.9 -4.7 41.9 5.0"
        ) from None
    return Area.from_box(west, south, east, north)


def area_of_upload(name: str, content: bytes) -> Area:
    """Read an area from a file that was sent.

    Raises
    ------
    InvalidAreaError : not of a known kind, broken, or more zones than a page can show
    """
    return read_upload(name, content, replace(READING, zones=MOST_ZONES))


def describe(area: Area | None) -> str:
    """Say what is chosen.

    >>> describe(Area.from_box(30, 0, 32, 2))
    'box 30 0 32 2'
    """
    if area is None:
        return "no area chosen"
    count = f" ({len(area.zones)} zones)" if len(area.zones) > 1 else ""
    title = area.title if len(area.title) <= 60 else f"{area.title[:59]}…"
    return title if "zones" in title else f"{title}{count}"
