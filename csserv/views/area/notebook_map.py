"""The map to choose an area on, for notebooks.

Its widgets are Panel's plain ones: those of pages put 1.4 MB of their own into a notebook, each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn

from csserv.catalog import Layers
from csserv.errors import CsservError, InvalidAreaError
from csserv.request import Area
from csserv.views.area.area_chooser import AreaChooser
from csserv.views.area.drawn_shapes import MODES, Drawn, joined
from csserv.views.area.place_lookup import (
    ACCEPTED,
    area_of_upload,
    box_of,
    describe,
    place_names,
)

#: of the map [pixels]
HEIGHT = 420


class NotebookMap(AreaChooser):
    """A map, and fields to type a name or a box into; all in the kernel's own thread.

    So a cell that is run after somebody has drawn sees what was drawn.
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
        self.upload = pn.widgets.FileInput(accept=ACCEPTED, width=260)
        self.clearing = pn.widgets.Button(label="Clear", width=80)
        self.search.param.watch(self._searched, "value")
        self.box.param.watch(self._typed, "value")
        self.upload.param.watch(self._uploaded, "value")
        self.clearing.on_click(lambda event: self.clear())

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        modes = pn.widgets.RadioButtonGroup.from_param(
            self.param.mode,
            name="",
            options={title: name for name, (title, _) in MODES.items()},
            width=380,
        )
        several = pn.widgets.Checkbox.from_param(self.param.several, name="Several zones")
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
                    value="A file: GeoJSON, zipped shapefile, GeoPackage, KML", width=260
                ),
                self.upload,
                chosen,
                self.clearing,
                problem,
                width=280,
            ),
            pn.Column(pn.Row(modes, several), hint, self.canvas.pane, sizing_mode="stretch_width"),
            sizing_mode="stretch_width",
            max_width=1000,
        )

    def _heard(self, kind: str, x: list[float], y: list[float], metres: float) -> None:
        try:
            self.take(self.zone_of(Drawn(kind, x, y, metres)))
        except InvalidAreaError as error:
            self.problem = str(error)

    def _searched(self, event: Any) -> None:
        if text := event.new.strip():
            self._find(lambda: self._layers.find(self._names.get(text, text)))

    def _typed(self, event: Any) -> None:
        if event.new.strip():
            self._find(lambda: box_of(event.new))

    def _uploaded(self, event: Any) -> None:
        if event.new:
            self._find(lambda: area_of_upload(str(self.upload.filename), bytes(event.new)), False)

    def _find(self, find: Callable[[], Area], joins: bool = True) -> None:
        try:
            area: Area | None = find()
            if joins and self.several and area and len(area.zones) == 1:
                area = joined(self.area, area.zones[0])
            self.choose(area)
        except CsservError as error:
            self.problem = str(error)


def _chosen(area: Area | None) -> str:
    return f"Chosen: {describe(area)}" if area else "No area chosen yet"


def _text(value: Any, width: int) -> pn.widgets.StaticText:
    return pn.widgets.StaticText(value=value, width=width)
