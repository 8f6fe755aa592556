"""Areas found without a map: by name, by the edges of a box, in an uploaded file."""

from __future__ import annotations

import re
from collections.abc import Container
from functools import lru_cache

from csserv.catalog import FeatureLayer, Layers
from csserv.catalog.country_names import codes_beginning, english_names
from csserv.catalog.name_index import Feature
from csserv.errors import InvalidAreaError
from csserv.language import Language, current_language, said_area, speaking, tr
from csserv.name_folding import fold_name
from csserv.request import Area
from csserv.request.files.formats import ENDINGS
from csserv.views.parts.amounts import counted

#: largest file; larger ones are refused before they are sent [bytes]
LARGEST_FILE = 50 * 2**20

#: endings of files with areas, as browsers take them
FILE_ENDINGS = ",".join(ending for ending in ENDINGS if ending != ".shp")


#: most names of a layer that are offered
MOST_NAMES = 20_000

#: most countries that are offered by their beginnings in other languages
MOST_OTHERS = 8


@lru_cache(maxsize=8)
def _names(layers: tuple[FeatureLayer, FeatureLayer], language: Language) -> dict[str, str]:
    with speaking(language):
        each = tr("{place}, each region")
    countries, units = layers
    titles = {feature.iso: feature.name for feature in countries.features}
    names = {f"{one.name}{ascii_hint(one.name)}": one.id for one in _short_first(countries)}
    names |= {
        f"{other} ({titles[code]})": code
        for other, code in english_names().items()
        if code in titles and fold_name(other) != fold_name(titles[code])
    }
    with_units = {unit.iso for unit in units.features}
    names |= {
        each.format(place=one.name) + ascii_hint(one.name): f"{one.id}/*"
        for one in _short_first(countries)
        if one.iso in with_units
    }
    for unit in _short_first(units):
        label = f"{unit.name}, {titles.get(unit.iso, unit.iso)}{ascii_hint(unit.name)}"
        names[label if label not in names else f"{label} ({unit.id})"] = unit.id
    return names


def _short_first(layer: FeatureLayer) -> list[Feature]:
    """Sort features by the length of their names, so that short ones are found by few letters."""
    return sorted(layer.features, key=lambda feature: (len(feature.name), feature.name))


def place_names(layers: Layers) -> dict[str, str]:
    """Return label → name of each country, of all its regions together, and of each region.

    So of the zones of layers that were added, which come first.
    """
    names: dict[str, str] = {}
    language = current_language()
    for layer in layers.own:
        names |= _names_of(layer, language)
    return names | _names((layers["country"], layers["admin_1_earth"]), language)


@lru_cache(maxsize=16)
def _names_of(layer: FeatureLayer, language: Language) -> dict[str, str]:
    """Return label → name of all zones of a layer together, of those of each part, and of each."""
    with speaking(language):
        every, each = tr("{layer}, each zone"), tr("{part}, each zone of {layer}")
        whole_part = tr("{part} as one zone, {layer}")
    names = {every.format(layer=layer.title): f"{layer.id}/*"}
    features = layer.features[:MOST_NAMES]
    parts = dict.fromkeys(
        one.parents[:depth] for one in features for depth in range(1, len(one.parents) + 1)
    )
    for part in parts:
        label = each.format(part=part[-1], layer=layer.title)
        names[label] = f"{layer.id}/{'/'.join(part)}/*"
    for whole in layer.parts:
        label = whole_part.format(part=whole.name, layer=layer.title)
        names[label if label not in names else f"{label} ({whole.id})"] = f"{layer.id}/{whole.id}"
    for one in features:
        above = f", {one.parents[-1]}" if one.parents else ""
        label = f"{one.name}{above}, {layer.title}{ascii_hint(one.name)}"
        names[label if label not in names else f"{label} ({one.id})"] = f"{layer.id}/{one.id}"
    return names


def other_names(text: str, layers: Layers, found: Container[str] = ()) -> dict[str, str]:
    """Return label → name of places that a text means, by a code or in another language.

    Parameters
    ----------
    found : names that need no other label

    >>> other_names("Kenia", Layers.bundled()), other_names("كين", Layers.bundled())
    ({'Kenia (Kenya)': 'KEN'}, {'كين… (Kenya)': 'KEN'})
    """
    plain = text.strip()
    names: dict[str, str] = {}
    for layer in layers.own:
        if one := layer.with_id(plain):
            names[f"{plain} ({one.name}, {layer.title})"] = f"{layer.id}/{one.id}"
    countries = layers["country"]
    codes = codes_beginning(plain)
    if one := countries.with_id(plain):
        codes = {one.id: True} | codes
    for code, is_whole in list(codes.items())[:MOST_OTHERS]:
        if code not in found and (one := countries.with_id(code)):
            names[f"{plain}{'' if is_whole else '…'} ({one.name})"] = code
    return names


def ascii_hint(name: str) -> str:
    """Return the spelling of a name without accents, in brackets; empty if it has none.

    >>> ascii_hint("Côte d'Ivoire"), ascii_hint("Kenya")
    (" (Cote d'Ivoire)", '')
    """
    parts = re.split("([^\\W\\d_]+)", name)
    plain = "".join(part if part.isascii() else _plain(part) for part in parts)
    return "" if plain == name else f" ({plain})"


def _plain(word: str) -> str:
    """Write a word without accents; one in another script stays."""
    plain = fold_name(word)
    return plain.title() if word.istitle() else plain.upper() if word.isupper() else plain


def box_of(text: str) -> Area:
    """Read a box from the text of its four edges: west, south, east, north [degrees].

    Raises
    ------
    InvalidAreaError : the text is not four numbers, or they are no box

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


def describe(area: Area | None) -> str:
    """Return a short title of an area.

    >>> describe(Area.from_box(30, 0, 32, 2))
    'box 30 0 32 2'
    """
    if area is None:
        return tr("no area chosen")
    count = f" ({counted(len(area.zones), 'zone')})" if len(area.zones) > 1 else ""
    title = said_area(area.title)
    title = title if len(title) <= 60 else f"{title[:59]}…"
    return title if "zones" in title else f"{title}{count}"
