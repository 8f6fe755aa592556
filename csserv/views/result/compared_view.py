"""A table of a result's values against what is normal, with the reference said in words."""

from __future__ import annotations

from typing import Any

import panel as pn

from csserv.outputs.against import compared_with
from csserv.views.parts.assets import style
from csserv.views.parts.html_parts import Choice, paragraph, text_to_html
from csserv.views.result.compared_rows import ComparedRows, compared_rows
from csserv.views.result.loaded_result import LoadedResult
from csserv.views.result.number_table import number_table


class ComparedView(pn.viewable.Viewer):
    """Shows the steps of one zone: value, normal, anomaly, per cent of normal, rank, third."""

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._loaded: LoadedResult | None = None
        self.zone = Choice("Zone in the table", {}, visible=False, max_width=420, margin=(4, 12))
        self.sentence = paragraph("", margin=(4, 14))
        self.table = pn.pane.HTML(
            "",
            stylesheets=style("parts/base", "result/compared_view"),
            sizing_mode="stretch_width",
            margin=(6, 14),
        )
        self.reference = paragraph("", small=True, margin=(4, 14, 12, 14))
        self.zone.param.watch(self._write, "value")

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

    def show(self, loaded: LoadedResult) -> bool:
        """Show a result; returns whether it is compared with anything."""
        self._loaded = loaded if loaded.table.normals else None
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
        rows = compared_rows(plain, int(self.zone.value), loaded.table.labels)
        self.sentence.object = text_to_html(f"**{rows.sentence}**")
        self.table.object = number_table(rows.titles, rows.rows, TITLE)
        compared = f"Each step is compared with {compared_with(plain)}."
        said = f"{compared} {_years(rows)} {MEANING}{_left_out(rows)}"
        self.reference.object = text_to_html(said)


#: of the table, for those who do not see it
TITLE = "Values against what is normal"

#: what the columns are
MEANING = (
    "Normal is their mean, the rank how many of 100 a value is above; below, near and above are "
    "their lower, middle and upper third."
)


def _years(rows: ComparedRows) -> str:
    """Say how many years have a value to compare with."""
    least, most = rows.years
    return f"{most} years have a value." if least == most else f"{least} to {most} have a value."


def _left_out(rows: ComparedRows) -> str:
    if not rows.left_out:
        return ""
    return (
        f"\nThese are the latest {len(rows.rows):,} steps; the files below have the "
        f"{rows.left_out:,} before them, too."
    )
