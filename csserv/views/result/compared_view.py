"""A table of a result's values against what is normal, with the reference said in words."""

from __future__ import annotations

from typing import Any

import panel as pn

from csserv.language import mark, tr
from csserv.outputs.against import compared_with
from csserv.views.parts.html_parts import paragraph, text_to_html
from csserv.views.result.compared_rows import ComparedRows, compared_rows
from csserv.views.result.number_table import number_table
from csserv.views.result.zone_table_view import Shown, ZoneTableView, left_out_words, table_pane


class ComparedView(ZoneTableView):
    """Shows the steps of one zone: value, normal, anomaly, per cent of normal, rank, third."""

    def __init__(self, *of_list: int, **params: Any) -> None:
        super().__init__(*of_list, **params)
        self.sentence = paragraph("", margin=(4, 14))
        self.table = table_pane()
        self.reference = paragraph("", small=True, margin=(4, 14, 12, 14))

    def __panel__(self) -> pn.viewable.Viewable:
        """Return choice, sentence, table and reference."""
        return pn.Column(
            self.zone,
            self.sentence,
            self.table,
            self.reference,
            sizing_mode="stretch_width",
            margin=0,
        )

    def suits(self, loaded: Shown) -> bool:
        """Whether it is compared with anything."""
        return bool(loaded.table.normals)

    def write(self, loaded: Shown, zone: int) -> None:
        """Write table, sentence and reference."""
        plain = self.plain(loaded)
        rows = compared_rows(plain, zone, loaded.table.said_labels)
        self.sentence.object = text_to_html(f"**{rows.sentence}**")
        self.table.object = number_table(rows.titles, rows.rows, tr(TITLE))
        compared = tr("Each step is compared with {steps}.", steps=compared_with(plain))
        said = f"{compared} {_years(rows)} {tr(MEANING)}"
        left_out = left_out_words(len(rows.rows), rows.left_out)
        self.reference.object = text_to_html(said + left_out)


#: of the table, for those who do not see it
TITLE = mark("Values against what is normal")

#: what the columns are
MEANING = mark(
    "Normal is their mean, the rank how many of 100 a value is above; below, near and above are "
    "their lower, middle and upper third."
)


def _years(rows: ComparedRows) -> str:
    """Say how many years have a value to compare with."""
    least, most = rows.years
    if least == most:
        return tr("{count} years have a value.", count=most)
    return tr("{least} to {most} have a value.", least=least, most=most)
