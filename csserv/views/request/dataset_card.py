"""A card of a dataset: time span, gaps, extent, grid and licence; and its latest steps."""

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
from csserv.language import from_to, listed, local_number, tr
from csserv.views.maps.extent_map import extent_svg
from csserv.views.maps.latest_steps import LatestSteps
from csserv.views.maps.player import RasterPlayer
from csserv.views.parts.amounts import size
from csserv.views.parts.escaping import escaped
from csserv.views.request import coverage_texts

STYLE = (Path(__file__).parent / "dataset_card.css").read_text(encoding="utf-8")


class DatasetCard(pn.viewable.Viewer):
    """Shows a dataset and its coverage, and plays its latest steps on demand.

    Parameters
    ----------
    on_request : called with the name of the dataset by the button to request it; unless given,
        there is no such button
    is_dark : whether to use the dark colour scheme; called when the steps are played
    kept : size of the numbers of it that are kept to be used again [bytes]
    sums : size of its time sums [bytes]
    """

    def __init__(
        self,
        entry: CatalogEntry,
        coverage: Coverage,
        on_request: Callable[[str], Any] | None = None,
        is_dark: Callable[[], bool] = lambda: False,
        kept: int = 0,
        sums: int = 0,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._entry, self._coverage = entry, coverage
        self._kept, self._sums = kept, sums
        self._on_request, self._is_dark = on_request, is_dark
        self.request = pmui.Button(
            label=tr("Ask of this dataset"),
            icon="map",
            size="small",
            variant="contained",
            visible=on_request is not None,
            on_click=self._requested,
            margin=0,
        )
        self.play = pmui.Button(
            label=tr("Preview"),
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
        # visible at the start, as bokeh 3.9 stumbles over figures that come with their layout
        self.preview = pn.Column(sizing_mode="stretch_width", margin=0)
        self._view = self._layout()

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the card."""
        return self._view

    def _layout(self) -> pn.viewable.Viewable:
        text = pn.pane.HTML(
            dataset_html(self._entry, self._coverage, self._kept, self._sums),
            sizing_mode="stretch_width",
            margin=(4, 14),
            stylesheets=[STYLE],
        )
        buttons = pmui.FlexBox(
            self.request, self.play, gap="6px", sizing_mode="stretch_width", margin=(4, 14, 12, 14)
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

    def _requested(self, event: Any) -> None:
        if self._on_request:
            pn.state.execute(partial(self._on_request, self._entry.name))

    async def _played(self, event: Any) -> None:
        """Show the latest steps, or remove them."""
        if len(self.preview):
            self.preview[:] = []
            self.play.label = tr("Preview")
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
        self.play.label = tr("Close preview")

    def _player(self) -> RasterPlayer:
        """Return a player of the latest steps, which starts at the last one."""
        frames = LatestSteps.of(self._entry)
        return RasterPlayer(frames, self._is_dark(), height=300, first=len(frames) - 1)


def dataset_html(entry: CatalogEntry, coverage: Coverage, kept: int = 0, sums: int = 0) -> str:
    """Describe a dataset, its coverage and what is kept of it [bytes] as HTML."""
    number = f" · ClimateSERV {entry.number}" if entry.number is not None else ""
    return (
        f"<h2>{html.escape(entry.title)}</h2>"
        f'<p class="name">{html.escape(entry.name)}{number}</p>'
        f"<p>{html.escape(entry.description)}</p>"
        f"{time_strip_html(coverage)}"
        f'<div class="about">{extent_svg(coverage.bounds)}'
        f"<dl>{_rows(entry, coverage, kept, sums)}</dl></div>"
    )


def time_strip_html(coverage: Coverage) -> str:
    """Draw the time span as a strip in HTML, with gaps in another colour."""
    gaps = "".join(
        f'<i style="left:{left:.2f}%;width:{width:.2f}%"></i>'
        for left, width in coverage_texts.gap_spans(coverage)
    )
    span = from_to(f"{coverage.first}/{coverage.last}")
    label = html.escape(listed([span, coverage_texts.gaps(coverage)]))
    return (
        f'<div class="strip" role="img" aria-label="{label}">{gaps}</div>'
        f'<div class="ends"><span>{coverage.first}</span><span>{coverage.last}</span></div>'
    )


def _rows(entry: CatalogEntry, coverage: Coverage, kept: int, sums: int) -> str:
    rows = {
        tr("Units"): coverage.units or entry.units or tr("none"),
        tr("Steps"): listed([_grouped(coverage.steps), coverage_texts.frequency(coverage)]),
        tr("Gaps"): coverage_texts.gaps(coverage),
        tr("Grid"): coverage_texts.grid(coverage),
        tr("Extent"): coverage_texts.extent(coverage),
        tr("Files"): listed([_grouped(coverage.files), size(coverage.bytes)]),
        tr("Updated"): coverage_texts.updated(coverage),
        tr("Kept numbers"): _sized(tr("{size}, computed for earlier requests"), kept),
        tr("Time sums"): _sized(tr("{size}, beside the data"), sums),
        tr("Source"): entry.source.replace("`", ""),
        tr("Licence"): entry.licence or tr("not stated"),
        tr("Cite"): entry.citation,
    }
    written = {name: html.escape(value) for name, value in rows.items() if value}
    return "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in written.items())


def _sized(text: str, bytes_of: int) -> str:
    """Return a text with a size, nothing if there is nothing."""
    return text.format(size=size(bytes_of)) if bytes_of else ""


def _grouped(count: int) -> str:
    return local_number(f"{count:,}")


def absent_dataset_html(entry: CatalogEntry) -> str:
    """Describe a dataset without files here, and how to add them, as HTML."""
    number = f" · ClimateSERV {entry.number}" if entry.number is not None else ""
    how = (
        tr("Withdrawn: {why}", why=entry.withdrawn)
        if entry.withdrawn
        else tr("Its files go into the data folder as {files}", files=entry.files)
    )
    source = tr("From {source}", source=entry.source) if entry.source else ""
    lines = [entry.description, source, how]
    text = "<br>".join(html.escape(line) for line in lines if line)
    return (
        f"<dt>{html.escape(entry.title)} <small>{html.escape(entry.name)}{number}</small></dt>"
        f"<dd>{text}</dd>"
    )
