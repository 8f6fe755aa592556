"""A table of an index with its classes, how it was computed, and where libraries disagree."""

from __future__ import annotations

from typing import Any

import panel as pn

from csserv.language import tr
from csserv.outputs.words.index_words import index_words
from csserv.views.parts.html_parts import paragraph, text_to_html
from csserv.views.result.index_rows import index_rows
from csserv.views.result.number_table import number_table
from csserv.views.result.zone_table_view import Shown, ZoneTableView, left_out_words, table_pane


class IndexView(ZoneTableView):
    """Shows the steps of one zone: the index, its class, and the value that it is of."""

    def __init__(self, *of_list: int, **params: Any) -> None:
        super().__init__(*of_list, **params)
        self.table, self.flips = table_pane(), table_pane()
        self.receipt = paragraph("", small=True, margin=(4, 14))
        self.opinion = paragraph("", margin=(4, 14), visible=False)

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

    def suits(self, loaded: Shown) -> bool:
        """Whether it is an index."""
        return loaded.table.of_index

    def write(self, loaded: Shown, zone: int) -> None:
        """Write table, receipt, and what a second library makes of it."""
        plain = loaded.result.json
        rows = index_rows(plain, zone, loaded.table.said_labels)
        self.table.object = number_table(rows.titles, rows.rows, tr("Values of the index"))
        said = index_words(plain["index"]) + left_out_words(len(rows.rows), rows.left_out)
        self.receipt.object = text_to_html(said)
        self.opinion.param.update(object=text_to_html(rows.opinion), visible=bool(rows.opinion))
        flips = number_table(rows.flip_titles, rows.flips, tr("Steps of another class"))
        self.flips.param.update(object=flips, visible=bool(rows.flips))
