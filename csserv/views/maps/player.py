"""A player that animates the steps of a field over a map."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import numpy as np
import panel as pn
import panel_material_ui as pmui
from numpy.typing import NDArray

from csserv.errors import CsservError
from csserv.language import mark, tr
from csserv.request import Area
from csserv.views.maps.places.place_layers import TOWNS_BY
from csserv.views.maps.raster import RANGE_PERCENTILES, Shades, colour_range, to_pixels, to_shades
from csserv.views.maps.raster_map import RasterMap
from csserv.views.parts.html_parts import paragraph, text_to_html

#: number of steps from which the colour range is taken
SAMPLED_STEPS = 16

#: number of steps read ahead, and kept in memory
READ_AHEAD, KEPT_STEPS = 3, 8

#: how long a step is shown at first; the user can change it [ms]
INTERVAL = 600

#: explanation of the colours
ABOUT = mark(
    "The colours are the same for all steps: they go from "
    "the {low}nd to the {high}th percentile of the values."
)

BUTTONS = ["slower", "previous", "pause", "play", "next", "faster"]


class Frames(Protocol):
    """The steps of a field; read in a thread, one at a time.

    Attributes
    ----------
    bounds : west, south, east, north edges of the cells [degrees]
    """

    bounds: tuple[float, float, float, float]
    units: str

    def __len__(self) -> int:
        """Count the steps."""

    def label(self, i: int) -> str:
        """Return the time of a step, UTC."""

    def values(self, i: int) -> NDArray[np.floating]:
        """Return a step: ``(row, column)``, row 0 north; NaN where missing.

        Raises
        ------
        CsservError : the step cannot be read
        """


class RasterPlayer(pn.viewable.Viewer):
    """Plays the steps of a field over a map, with the same colours for all steps.

    It starts reading when it is shown, and keeps a few steps in memory.

    Parameters
    ----------
    frames : the steps
    dark : whether to use the dark colour scheme
    height : height of the map [pixels]
    area : drawn over the field by its zones, if given
    first : number of the step that is shown first
    name_of : names a step by its number; by the names that the frames have, if None
    places : address of lakes, rivers and towns, relative to the page; without it there are none
    """

    def __init__(
        self,
        frames: Frames,
        dark: bool = False,
        height: int = 420,
        area: Area | None = None,
        first: int = 0,
        name_of: Callable[[int], str] | None = None,
        places: str = "",
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self.frames = frames
        self._name_of = name_of or frames.label
        self.map = RasterMap(frames.bounds, frames.units, dark, height, area, places)
        self._kept: OrderedDict[int, Shades] = OrderedDict()
        self._range: tuple[float, float] | None = None
        self._wanted, self._shown = first, -1
        self._lock = asyncio.Lock()
        self.step_text = paragraph(tr("Reading the steps …"), margin=(4, 16))
        last = len(frames) - 1
        self.controls = pmui.Player(
            label="",
            start=0,
            end=max(last, 1),
            value=first,
            interval=INTERVAL,
            loop_policy="loop",
            show_loop_controls=False,
            show_value=False,
            visible_buttons=BUTTONS,
            disabled=last <= 0,
            sizing_mode="stretch_width",
            width=None,
            sx={"& .MuiIconButton-root": {"color": "text.primary"}},
            margin=(0, 24),
        )
        self.controls.param.watch(self._turn, "value")
        about = tr(ABOUT, low=f"{RANGE_PERCENTILES[0]:g}", high=f"{RANGE_PERCENTILES[1]:g}")
        self._about = pmui.Typography(
            f"{about} {tr(TOWNS_BY)}" if places else about,
            variant="caption",
            color="text.secondary",
            margin=(0, 16, 8, 16),
        )
        self._pane = pn.pane.Bokeh(self.map.figure, sizing_mode="stretch_width")

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the player, and start reading the first step."""
        pn.state.execute(self._begin)
        return pn.Column(
            self.step_text,
            self._pane,
            self.controls,
            self._about,
            sizing_mode="stretch_width",
            margin=0,
        )

    async def show(self, step: int) -> None:
        """Show a step; of several calls while one is being read, only the last counts."""
        self._wanted = step
        if self._lock.locked():
            return
        async with self._lock:
            while self._shown != self._wanted:
                await self._send(self._wanted)
                await self._read_ahead()

    async def _begin(self) -> None:
        await self.show(self._wanted)

    async def _turn(self, event: Any) -> None:
        await self.show(event.new)

    async def _send(self, step: int) -> None:
        self._shown = step
        try:
            shades = await self._shades(step)
        except CsservError as error:
            self.step_text.object = text_to_html(str(error))
            return
        await self.map.show(shades, step)
        self.step_text.object = text_to_html(self._name_of(step))

    async def _read_ahead(self) -> None:
        for step in range(self._shown + 1, self._shown + 1 + READ_AHEAD):
            if self._wanted != self._shown:
                return
            with suppress(CsservError):  # reported when the step is shown
                await self._shades(step % len(self.frames))

    async def _shades(self, step: int) -> Shades:
        if self._range is None:
            self._range = await asyncio.to_thread(self._find_range)
            self.map.set_range(*self._range)
        if step not in self._kept:
            self._kept[step] = await asyncio.to_thread(self._read, step, *self._range)
        self._kept.move_to_end(step)
        while len(self._kept) > KEPT_STEPS:
            self._kept.popitem(last=False)
        return self._kept[step]

    def _read(self, step: int, low: float, high: float) -> Shades:
        return to_shades(self._field(step), low, high)

    def _field(self, step: int) -> NDArray[np.floating]:
        _, south, _, north = self.frames.bounds
        return to_pixels(self.frames.values(step), south, north)

    def _find_range(self) -> tuple[float, float]:
        count = len(self.frames)
        steps = np.unique(np.linspace(0, count - 1, min(count, SAMPLED_STEPS)).astype(int))
        return colour_range(self._field(int(step)) for step in steps)
