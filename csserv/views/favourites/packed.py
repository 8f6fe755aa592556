"""What is on the page as a favourite, and back: an area comes back exactly as it was."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qs

from csserv.access.favourites import LARGEST, Favourite
from csserv.catalog import Layers
from csserv.errors import InvalidRequestError
from csserv.language import tr
from csserv.request import Area
from csserv.request.limits import Limits
from csserv.views.address.area_words import area_words, read_area
from csserv.views.address.asked_query import AskedQuery, read_query, write_query

#: an area is never larger than this when it is unpacked [bytes]
LARGEST_TEXT = 20_000_000


def favourite_of(
    kind: str, title: str, asked: AskedQuery, area: Area | None, layers: Layers, limits: Limits
) -> Favourite:
    """Save what is asked; an area that the address would not tell exactly goes with it.

    Raises
    ------
    InvalidRequestError : the title is not usable, or the area too large
    """
    words = area_words(area, layers) or ()
    told = read_area(words, layers, limits)[0] if words else None
    by_name = Favourite.of(kind, title, write_query(replace(asked, areas=words)))
    if area is None or _are_same(told, area):
        return by_name
    shape = packed(area)
    if len(shape) > LARGEST and told is not None and told.zones == area.zones:
        return by_name  # only its title is another
    return Favourite.of(kind, title, write_query(replace(asked, areas=())), shape)


def opened(
    favourite: Favourite, layers: Layers, limits: Limits
) -> tuple[AskedQuery, Area | None, tuple[str, ...]]:
    """Return what a favourite asks, its area, and what of it is not to be had any more.

    Raises
    ------
    InvalidRequestError : it was damaged
    """
    query: Mapping[str, Sequence[str]] = parse_qs(favourite.query.removeprefix("?"))
    asked = read_query(query)
    if favourite.shape:
        return asked, unpacked(favourite.shape, limits), asked.problems
    area, lost = read_area(asked.areas, layers, limits)
    return asked, area, (*asked.problems, *lost)


def packed(area: Area) -> str:
    """Write an area as a short text without braces."""
    return base64.b64encode(zlib.compress(area.geojson.encode(), 9)).decode()


def unpacked(text: str, limits: Limits) -> Area:
    """Read the text of an area again; a browser may have sent any.

    Raises
    ------
    InvalidRequestError : it is no area, or a larger one than is allowed
    """
    try:
        reader = zlib.decompressobj()
        plain = reader.decompress(base64.b64decode(text, validate=True), LARGEST_TEXT)
        if not reader.eof:
            raise ValueError("it is cut, or too large")
        geojson = plain.decode()
    except (ValueError, zlib.error) as error:
        said = tr("What was saved is damaged, and cannot be read: {error}", error=error)
        raise InvalidRequestError(said) from None
    return Area.from_stored(geojson, limits)


def _are_same(told: Area | None, area: Area) -> bool:
    """Whether an area read again is the same in zones, names, title and notes."""
    return told is not None and (
        (told.zones, told.title, told.notes) == (area.zones, area.title, area.notes)
    )
