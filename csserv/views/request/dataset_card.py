"""A dataset at a glance: time span with its gaps, place, grid, licence, and its latest steps."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.catalog import CatalogEntry, Coverage
from csserv.errors import CsservError
from csserv.views.maps.extent_map import extent_svg
from csserv.views.maps.latest_steps import LatestSteps
from csserv.views.maps.player import RasterPlayer
from csserv.views.parts.amounts import size
from csserv.views.parts.escaping import escaped
from csserv.views.request import choices

STYLE = (Path(__file__).parent / "dataset_card.css").read_text(encoding="utf-8")


class DatasetCard(pn.viewable.Viewer):
    """Shows what a dataset is and what of it is here; plays its latest steps when asked to.

    ``on_ask`` is called with its name when somebody wants to ask of it; ``is_dark`` says whether
    the paper is dark.
    """

    def __init__(
        self,
        entry: CatalogEntry,
        there: Coverage,
        on_ask: Callable[[str], Any] | None = None,
        is_dark: Callable[[], bool] = lambda: False,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._entry, self._there = entry, there
        self._on_ask, self._is_dark = on_ask, is_dark
        self.ask = pmui.Button(
            label="Ask of this dataset",
            icon="map",
            size="small",
            variant="contained",
            visible=on_ask is not None,
            on_click=self._asked,
            margin=0,
        )
        self.play = pmui.Button(
            label="Preview",
            icon="movie",
            size="small",
            variant="outlined",
            on_click=self._played,
            margin=0,
        )
        self.problem = pmui.Alert(
            object="",
            severity="warning",
            visible=False,
            sizing_mode="stretch_width",
            margin=(4, 14),
        )
        # in sight from the beginning: bokeh 3.9 stumbles over figures that come with their layout
        self.preview = pn.Column(sizing_mode="stretch_width", margin=0)
        self._view = self._layout()

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return self._view

    def _layout(self) -> pn.viewable.Viewable:
        text = pn.pane.HTML(
            described(self._entry, self._there),
            sizing_mode="stretch_width",
            margin=(4, 14),
            stylesheets=[STYLE],
        )
        buttons = pmui.FlexBox(
            self.ask, self.play, gap="6px", sizing_mode="stretch_width", margin=(4, 14, 12, 14)
        )
        return pmui.Paper(
            text,
            buttons,
            self.problem,
            self.preview,
            elevation=1,
            styles={"flex": "1 1 400px", "max-width": "100%"},
            margin=0,
        )

    def _asked(self, event: Any) -> None:
        if self._on_ask:
            pn.state.execute(partial(self._on_ask, self._entry.name))

    async def _played(self, event: Any) -> None:
        """Show the latest steps, or put them away."""
        if len(self.preview):
            self.preview[:] = []
            self.play.label = "Preview"
            return
        self.play.loading = True
        try:
            player = await asyncio.to_thread(self._player)
        except CsservError as error:
            self.problem.param.update(object=escaped(error), visible=True)
            return
        finally:
            self.play.loading = False
        self.problem.visible = False
        self.preview[:] = [player]
        self.play.label = "Close preview"

    def _player(self) -> RasterPlayer:
        """Prepare a film that stands at the latest step."""
        frames = LatestSteps.of(self._entry)
        return RasterPlayer(frames, self._is_dark(), height=300, first=len(frames) - 1)


def described(entry: CatalogEntry, there: Coverage) -> str:
    """Write what a dataset is, as HTML."""
    number = f" · ClimateSERV {entry.number}" if entry.number is not None else ""
    return (
        f"<h2>{html.escape(entry.title)}</h2>"
        f'<p class="name">{html.escape(entry.name)}{number}</p>'
        f"<p>{html.escape(entry.description)}</p>"
        f"{strip(there)}"
        f'<div class="about">{extent_svg(there.bounds)}<dl>{_rows(entry, there)}</dl></div>'
    )


def strip(there: Coverage) -> str:
    """Draw the time span as a strip, with its gaps in another colour."""
    gaps = "".join(
        f'<i style="left:{left:.2f}%;width:{width:.2f}%"></i>'
        for left, width in choices.holes(there)
    )
    said = f"{there.first} to {there.last}, {choices.gaps(there)}"
    return (
        f'<div class="strip" role="img" aria-label="{said}">{gaps}</div>'
        f'<div class="ends"><span>{there.first}</span><span>{there.last}</span></div>'
    )


def _rows(entry: CatalogEntry, there: Coverage) -> str:
    rows = {
        "Units": there.units or entry.units or "none",
        "Steps": f"{there.steps:,}, {choices.frequency(there)}",
        "Gaps": choices.gaps(there),
        "Grid": choices.grid(there),
        "Extent": choices.box(there),
        "Files": f"{there.files:,}, {size(there.bytes)}",
        "Updated": choices.updated(there),
        "Source": entry.source.replace("`", ""),
        "Licence": entry.licence or "not stated",
        "Cite": entry.citation,
    }
    return "".join(
        f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in rows.items() if value
    )


def absent(entry: CatalogEntry) -> str:
    """Write what a dataset is that has no files here, and how it would get some, as HTML."""
    number = f" · ClimateSERV {entry.number}" if entry.number is not None else ""
    how = (
        f"Withdrawn: {entry.withdrawn}"
        if entry.withdrawn
        else f"Its files go into the data folder as {entry.files}"
    )
    lines = [entry.description, f"From {entry.source}" if entry.source else "", how]
    text = "<br>".join(html.escape(line) for line in lines if line)
    return (
        f"<dt>{html.escape(entry.title)} <small>{html.escape(entry.name)}{number}</small></dt>"
        f"<dd>{text}</dd>"
    )
