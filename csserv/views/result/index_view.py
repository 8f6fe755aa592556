"""A table of an index with its classes, how it was computed, and where libraries disagree."""

from __future__ import annotations

from typing import Any

import panel as pn

from csserv.outputs.words.index_words import index_words
from csserv.views.parts.assets import style
from csserv.views.parts.html_parts import Choice, paragraph, text_to_html
from csserv.views.result.index_rows import IndexRows, index_rows
from csserv.views.result.loaded_result import LoadedResult
from csserv.views.result.number_table import number_table


class IndexView(pn.viewable.Viewer):
    """Shows the steps of one zone: the index, its class, and the value that it is of."""

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._loaded: LoadedResult | None = None
        self.zone = Choice("Zone in the table", {}, visible=False, max_width=420, margin=(4, 12))
        self.table, self.flips = _table_pane(), _table_pane()
        self.receipt = paragraph("", small=True, margin=(4, 14))
        self.opinion = paragraph("", margin=(4, 14), visible=False)
        self.zone.param.watch(self._write, "value")

    def __panel__(self) -> pn.viewable.Viewable:
        """Return choice, table, receipt, and what a second library makes of it."""
        return pn.Column(
            self.zone,
            self.table,
            self.receipt,
            self.opinion,
            self.flips,
            sizing_mode="stretch_width",
            margin=0,
        )

    def show(self, loaded: LoadedResult) -> bool:
        """Show a result; returns whether it is an index."""
        self._loaded = loaded if "index" in loaded.result.json else None
        if self._loaded is None:
            return False
        names = loaded.table.zones
        self.zone.set_options({name: str(number) for number, name in enumerate(names)}, "0")
        self.zone.visible = len(names) > 1
        self._write()
        return True

    def _write(self, *events: Any) -> None:
        loaded = self._loaded
        if loaded is None or not self.zone.value:
            return
        plain = loaded.result.json
        rows = index_rows(plain, int(self.zone.value), loaded.table.labels)
        self.table.object = number_table(rows.titles, rows.rows, "Values of the index")
        self.receipt.object = text_to_html(index_words(plain["index"]) + _left_out(rows))
        self.opinion.param.update(object=text_to_html(rows.opinion), visible=bool(rows.opinion))
        flips = number_table(rows.flip_titles, rows.flips, "Steps of another class")
        self.flips.param.update(object=flips, visible=bool(rows.flips))


def _table_pane() -> pn.pane.HTML:
    return pn.pane.HTML(
        "",
        stylesheets=style("parts/base", "result/compared_view"),
        sizing_mode="stretch_width",
        margin=(6, 14),
    )


def _left_out(rows: IndexRows) -> str:
    if not rows.left_out:
        return ""
    return (
        f"\nThese are the latest {len(rows.rows):,} steps; the files below have the "
        f"{rows.left_out:,} before them, too."
    )
