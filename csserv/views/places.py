"""Ways to choose an area without drawing: by name, by the edges of a box, from a file."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.catalog import FeatureLayer, Layers
from csserv.catalog.layers import Feature, folded
from csserv.errors import CsservError, InvalidAreaError
from csserv.request import Area
from csserv.request.files import read_upload
from csserv.request.limits import READING
from csserv.service import Service
from csserv.views.map import AreaMap
from csserv.views.picking import MOST_ZONES, joined

#: larger files are refused before they are sent [bytes]
LARGEST_FILE = 50 * 2**20


class PlacePicker(pn.viewable.Viewer):
    """Chooses the area of a map by name, by box, or from a file; writes it as GeoJSON."""

    def __init__(self, service: Service, area_map: AreaMap, **params: Any) -> None:
        super().__init__(**params)
        self._service = service
        self._map = area_map
        wide: dict[str, Any] = {"sizing_mode": "stretch_width", "size": "small"}
        self.search = pmui.AutocompleteInput(
            label="Search a country or region",
            placeholder="Kenya, Rift Valley, …",
            options=place_names(service.layers),
            lazy_search=True,
            case_sensitive=False,
            search_strategy="includes",
            min_characters=3,
            margin=(6, 0),
            **wide,
        )
        self.box = pmui.TextInput(
            label="Box: west south east north [degrees]",
            placeholder="33.9 -4.7 41.9 5.0",
            margin=(6, 0),
            **wide,
        )
        self.upload = pmui.FileInput(
            label="Upload GeoJSON, zipped shapefile, GeoPackage, KML",
            accept=".geojson,.json,.zip,.gpkg,.kml",
            max_file_size=LARGEST_FILE,
            variant="outlined",
            margin=(6, 0),
            **wide,
        )
        self.search.param.watch(self._searched, "value")
        self.box.param.watch(self._typed, "value")
        self.upload.param.watch(self._uploaded, "value")

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        chosen = pmui.Chip(
            label=pn.bind(describe, self._map.param.area),
            icon="place",
            variant="outlined",
            color="primary",
            margin=(4, 6, 4, 0),
            sx={"maxWidth": "100%"},
        )
        has_none = pn.bind(lambda area: area is None, self._map.param.area)
        look = pmui.IconButton(
            icon="zoom_in_map", description="Zoom to the area", size="small", disabled=has_none
        )
        clear = pmui.IconButton(
            icon="delete_outline", description="Clear the area", size="small", disabled=has_none
        )
        save = pmui.FileDownload(
            callback=self._geojson,
            filename="area.geojson",
            label="GeoJSON",
            variant="text",
            size="small",
            disabled=has_none,
            margin=0,
        )
        look.on_click(lambda event: self._map.choose(self._map.area))
        clear.on_click(lambda event: self._map.clear())
        actions = pmui.FlexBox(
            chosen, look, clear, save, align_items="center", sizing_mode="stretch_width", margin=0
        )
        return pmui.Column(
            self.search,
            self.box,
            self.upload,
            actions,
            sizing_mode="stretch_width",
            margin=0,
        )

    async def _searched(self, event: Any) -> None:
        if event.new:
            await self._take(lambda: self._service.layers.find(event.new))

    async def _typed(self, event: Any) -> None:
        if event.new.strip():
            await self._take(lambda: box_of(event.new))

    async def _uploaded(self, event: Any) -> None:
        if event.new:
            name, content = str(self.upload.filename), bytes(event.new)
            await self._take(lambda: area_of_upload(name, content), joins=False)
            self.upload.clear()  # so that the same file, mended, is read again

    async def _take(self, find: Callable[[], Area], joins: bool = True) -> None:
        """Find an area, away from the event loop; say why there is none."""
        try:
            area: Area | None = await asyncio.to_thread(find)
            if joins and self._map.several and area and len(area.zones) == 1:
                area = joined(self._map.area, area.zones[0])
            self._map.choose(area)
        except CsservError as error:
            self._map.problem = str(error)

    def _geojson(self) -> io.StringIO:
        return io.StringIO(self._map.area.geojson if self._map.area else "")


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
    plain = folded(word)
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
