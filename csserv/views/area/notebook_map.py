"""The map for notebooks on which an area is chosen.

Its widgets are Panel's own: each of those for pages would put 1.4 MB into a notebook.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import panel as pn

from csserv.catalog import Layers
from csserv.errors import CsservError
from csserv.request import Area
from csserv.request.files import read_upload
from csserv.views.area.area_chooser import AreaChooser
from csserv.views.area.drawn_shapes import MODES, DrawnShape, toggled
from csserv.views.area.place_lookup import (
    FILE_ENDINGS,
    box_of,
    describe,
    place_names,
)

#: height of the map [pixels]
HEIGHT = 420


class NotebookMap(AreaChooser):
    """A map, and fields for a name, a box or a file.

    All changes are made in the kernel's main thread, so a cell that is run after a drawing sees it.
    """

    def __init__(self, layers: Layers, **params: Any) -> None:
        super().__init__(layers, **params)
        self._names = place_names(layers)
        self.search = pn.widgets.AutocompleteInput(
            label="Search a country or region",
            placeholder="Kenya; Rift Valley, Kenya; …",
            options=list(self._names),
            restrict=False,
            case_sensitive=False,
            search_strategy="includes",
            min_characters=2,
            width=260,
        )
        self.box = pn.widgets.TextInput(
            label="Box: west south east north [degrees]",
            placeholder="33.9 -4.7 41.9 5.0",
            width=260,
        )
        self.upload = pn.widgets.FileInput(accept=FILE_ENDINGS, width=260)
        self.clear_button = pn.widgets.Button(label="Clear", width=80)
        self.search.param.watch(self._searched, "value")
        self.box.param.watch(self._typed, "value")
        self.upload.param.watch(self._uploaded, "value")
        self.clear_button.on_click(lambda event: self.clear())

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the map and the fields."""
        modes = pn.widgets.RadioButtonGroup.from_param(
            self.param.mode,
            name="",
            options={title: name for name, (title, _) in MODES.items()},
            width=380,
        )
        regions = pn.widgets.Select.from_param(
            self.param.layer,
            name="",
            options={"Regions of countries": ""} | {one.title: one.id for one in self._layers.own},
            visible=self.param.mode.rx() == "unit" if self._layers.own else False,
            width=180,
        )
        multiple = pn.widgets.Checkbox.from_param(self.param.multiple, name="Several zones")
        hint = pn.widgets.StaticText(
            value=pn.bind(lambda mode: MODES[mode][1], self.param.mode), width=640
        )
        problem = pn.pane.Alert(
            self.param.problem,
            alert_type="warning",
            visible=self.param.problem.rx().rx.bool(),
            width=260,
        )
        chosen = _text(pn.bind(_chosen, self.param.area), 260)
        self.canvas.pane.param.update(sizing_mode="stretch_width", height=HEIGHT, min_height=HEIGHT)
        return pn.Row(
            pn.Column(
                self.search,
                self.box,
                pn.widgets.StaticText(
                    value="A file: GeoJSON, zipped shapefile, GeoPackage, KML, CSV, …", width=260
                ),
                self.upload,
                chosen,
                self.clear_button,
                problem,
                width=280,
            ),
            pn.Column(
                pn.Row(modes, regions, multiple),
                hint,
                self.canvas.pane,
                sizing_mode="stretch_width",
            ),
            sizing_mode="stretch_width",
            max_width=1000,
        )

    def _heard(self, kind: str, x: list[float], y: list[float], metres: float) -> None:
        try:
            self.add_zone(self.zone_of(DrawnShape(kind, x, y, metres)))
        except CsservError as error:
            self.problem = str(error)

    def _show_regions(self) -> None:
        try:
            self.show_layer()
        except CsservError as error:
            self.problem = str(error)

    def _searched(self, event: Any) -> None:
        if text := event.new.strip():
            self._find(lambda: self._layers.find(self._names.get(text, text)))

    def _typed(self, event: Any) -> None:
        if event.new.strip():
            self._find(lambda: box_of(event.new))

    def _uploaded(self, event: Any) -> None:
        if event.new:
            self._find(lambda: read_upload(str(self.upload.filename), bytes(event.new)), False)

    def _find(self, find: Callable[[], Area], adds: bool = True) -> None:
        try:
            area: Area | None = find()
            if adds and self.multiple and area and len(area.zones) == 1:
                area = toggled(self.area, area)
            self.choose(area)
        except CsservError as error:
            self.problem = str(error)


def _chosen(area: Area | None) -> str:
    if not area:
        return "No area chosen yet"
    notes = "".join(f"<br>{html.escape(str(note))}." for note in area.notes)
    return f"Chosen: {html.escape(describe(area))}{notes}"


def _text(value: Any, width: int) -> pn.widgets.StaticText:
    return pn.widgets.StaticText(value=value, width=width)
