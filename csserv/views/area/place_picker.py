"""Fields of pages to choose an area without drawing: by name, by a box, from a file."""

from __future__ import annotations

import asyncio
import html
import io
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.errors import CsservError
from csserv.language import tr
from csserv.request import Area
from csserv.service import Service
from csserv.views.area.area_map import AreaMap
from csserv.views.area.drawn_shapes import toggled
from csserv.views.area.file_picker import FilePicker
from csserv.views.area.place_lookup import box_of, describe
from csserv.views.area.place_search import PlaceSearch
from csserv.views.parts.assets import style
from csserv.views.parts.html_parts import Fold, TextField
from csserv.views.parts.notes_fold import notes_fold


class PlacePicker(pn.viewable.Viewer):
    """Sets the area of a map by name, box or file, and offers it as GeoJSON.

    Attributes
    ----------
    parts : the fields, to be placed one below the other
    """

    def __init__(self, service: Service, area_map: AreaMap, **params: Any) -> None:
        super().__init__(**params)
        self._service = service
        self._map = area_map
        self.search = PlaceSearch(
            service.layers,
            label=tr("Search a country or region"),
            placeholder="Kenya, Rift Valley, …",
            margin=(6, 0),
        )
        self.box = TextField(tr("Box: west south east north [degrees]"), "33.9 -4.7 41.9 5.0")
        self.file = FilePicker(service.limits, area_map.choose, self._refuse)
        self.search.param.watch(self._searched, "value")
        self.box.param.watch(self._typed, "value")
        file = Fold(tr("From a file: GeoJSON, shapefile, GeoPackage, KML, CSV, …"), self.file)
        self.parts = (self.search, self.box, file, self._actions())

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the fields."""
        return pn.Column(*self.parts, sizing_mode="stretch_width")

    def _actions(self) -> pn.Column:
        """Return title and notes of the area, with buttons to zoom to it, clear and download it."""
        chosen = pn.pane.HTML("", stylesheets=style("parts/base", "area/pill"), margin=(6, 6, 6, 0))
        zoom = pmui.IconButton(icon="zoom_in_map", description=tr("Zoom to the area"), size="small")
        clear = pmui.IconButton(
            icon="delete_outline", description=tr("Clear the area"), size="small"
        )
        save = pmui.FileDownload(
            callback=self._geojson,
            filename="area.geojson",
            label="GeoJSON",
            variant="text",
            size="small",
            margin=(3, 0, 0, 0),
        )
        zoom.on_click(lambda event: self._map.choose(self._map.area))
        clear.on_click(lambda event: self._map.clear())
        wrapped = {"align-items": "center", "flex-wrap": "wrap"}
        actions = pn.Row(chosen, styles=wrapped, sizing_mode="stretch_width", margin=0)

        notes = pn.Column(sizing_mode="stretch_width", margin=0)

        def show(area: Area | None) -> None:
            chosen.object = _pill(area)
            notes[:] = notes_fold(tuple(map(str, area.notes)) if area else (), tr("this area"), 2)
            actions[:] = [chosen] if area is None else [chosen, zoom, clear, save]

        show(self._map.area)
        self._map.param.watch(lambda event: show(event.new), "area")
        return pn.Column(actions, notes, sizing_mode="stretch_width", margin=0)

    async def _searched(self, event: Any) -> None:
        if event.new:
            await self._take(partial(self._service.layers.find, event.new, self._service.limits))

    async def _typed(self, event: Any) -> None:
        if event.new.strip():
            await self._take(partial(box_of, event.new))

    async def _take(self, find: Callable[[], Area]) -> None:
        """Find an area in a thread, and set it; show why if there is none."""
        try:
            area: Area | None = await asyncio.to_thread(find)
            if self._map.multiple and area and len(area.zones) == 1:
                area = toggled(self._map.area, area)
            self._map.choose(area)
        except CsservError as error:
            self._refuse(str(error))

    def _refuse(self, why: str) -> None:
        self._map.problem = why

    def _geojson(self) -> io.StringIO:
        return io.StringIO(self._map.area.geojson if self._map.area else "")


def _pill(area: Area | None) -> str:
    return f"<span class='pill'>{html.escape(describe(area))}</span>"
