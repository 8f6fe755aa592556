"""Areas found without a map: by name, by the edges of a box, in a file that was sent."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from csserv.catalog import FeatureLayer, Layers
from csserv.catalog.layers import Feature, fold_name
from csserv.errors import InvalidAreaError
from csserv.request import Area
from csserv.request.files.reading import read_upload
from csserv.request.limits import FILE_LIMITS
from csserv.views.area.drawn_shapes import MOST_ZONES

#: larger files are refused before they are sent [bytes]
LARGEST_FILE = 50 * 2**20

#: the endings of files that hold areas, as browsers want them
ACCEPTED = ".geojson,.json,.zip,.gpkg,.kml"


@lru_cache(maxsize=1)
def _names(layers: tuple[FeatureLayer, FeatureLayer]) -> dict[str, str]:
    countries, units = layers
    titles = {feature.iso: feature.name for feature in countries.features}
    names = {f"{one.name}{typed(one.name)}": one.id for one in _short_first(countries)}
    with_units = {unit.iso for unit in units.features}
    names |= {
        f"{one.name}, each region{typed(one.name)}": f"{one.id}/*"
        for one in _short_first(countries)
        if one.iso in with_units
    }
    for unit in _short_first(units):
        label = f"{unit.name}, {titles.get(unit.iso, unit.iso)}{typed(unit.name)}"
        names[label if label not in names else f"{label} ({unit.id})"] = unit.id
    return names


def _short_first(layer: FeatureLayer) -> list[Feature]:
    """Put those features first that a few letters may mean."""
    return sorted(layer.features, key=lambda feature: (len(feature.name), feature.name))


def place_names(layers: Layers) -> dict[str, str]:
    """Name all countries, their regions all together, and each region; each with what finds it."""
    return _names((layers["country"], layers["admin_1_earth"]))


def typed(name: str) -> str:
    """Say how a name with accents is typed without, to stand behind it; nothing for others.

    >>> typed("Côte d'Ivoire"), typed("Kenya")
    (" (Cote d'Ivoire)", '')
    """
    parts = re.split("([^\\W\\d_]+)", name)
    plain = "".join(part if part.isascii() else _plain(part) for part in parts)
    return "" if plain == name else f" ({plain})"


def _plain(word: str) -> str:
    """Write a word in plain letters; one of another script stays."""
    plain = fold_name(word)
    return plain.title() if word.istitle() else plain.upper() if word.isupper() else plain


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
    return read_upload(name, content, replace(FILE_LIMITS, zones=MOST_ZONES))


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
