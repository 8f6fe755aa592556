"""The answer to how a season will end: a sentence, a chart with a fan, and a table of zones."""

from __future__ import annotations

import html
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.language import mark, tr
from csserv.outlooks import SeasonAnswer
from csserv.views.outlooks.season_chart import season_chart
from csserv.views.outlooks.season_texts import season_rows
from csserv.views.parts.assets import style
from csserv.views.parts.cards import section
from csserv.views.parts.html_parts import Choice, paragraph
from csserv.views.parts.notes_fold import notes_fold
from csserv.views.result.number_table import number_table
from csserv.views.result.zone_table_view import table_pane

#: what the bands of the chart are
BANDS = mark(
    "Wide bands hold 8 of 10 cases, narrow ones the middle third; dotted lines are medians."
)


class SeasonView(pn.viewable.Viewer):
    """Shows an answer; hidden while there is none."""

    dark = param.Boolean(default=False)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._answer: SeasonAnswer | None = None
        sheets = style("parts/base", "result/answer_view")
        self.said = pn.pane.HTML(
            "", stylesheets=sheets, sizing_mode="stretch_width", margin=(8, 12, 0, 12)
        )
        self.zone = Choice(tr("Zone"), {}, visible=False, max_width=420, margin=(8, 12))
        # made at the start, as bokeh 3.9 stumbles over figures that come together with their layout
        self._place = pn.Column(sizing_mode="stretch_width", min_height=360, margin=(4, 8))
        self.table = table_pane()
        self._notes = pn.Column(sizing_mode="stretch_width", margin=0)
        self._links = pmui.FlexBox(gap="6px", sizing_mode="stretch_width", margin=(4, 12, 12, 12))
        self.zone.param.watch(self._draw, "value")
        self.param.watch(self._draw, "dark")
        bands = paragraph(tr(BANDS), small=True, margin=(0, 14, 10, 14))
        self._view = pn.Column(
            self.said,
            section(tr("How the season goes"), self.zone, self._place, bands),
            section(tr("All zones"), self.table, self._links),
            self._notes,
            sizing_mode="stretch_width",
            margin=0,
            visible=False,
        )

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the view."""
        return self._view

    def show(self, answer: SeasonAnswer) -> None:
        """Show an answer."""
        self._answer = None
        names = {name: str(number) for number, name in _named(answer).items()}
        self.zone.set_options(names, "0")
        self.zone.visible = len(names) > 1
        self._answer = answer
        rows = season_rows(answer)
        name = tr("How the season of each zone ends")
        self.table.object = number_table(rows.titles, rows.rows, name)
        self._notes[:] = notes_fold(answer.notes, tr("this answer"))
        what = (tr("What fell"), *([answer.forecast] if answer.forecast else []))
        self._links[:] = [
            pmui.Button(
                label=tr("{name}, step by step", name=name),
                href=f"?page=result&task={task}",
                icon="insights",
                size="small",
                variant="outlined",
                margin=0,
            )
            for name, task in zip(what, answer.tasks, strict=True)
        ]
        self._draw()
        self._view.visible = True

    def clear(self) -> None:
        """Show nothing."""
        self._answer = None
        self._view.visible = False

    def _draw(self, *events: Any) -> None:
        """Write the sentence of the chosen zone, and draw its chart."""
        if (answer := self._answer) is None or not self.zone.value:
            return
        place = int(self.zone.value)
        between = tr("; ")
        first, *others = answer.sentence_of(place).split(tr("; "))
        rest = f"<p>{html.escape(between.join(others))}</p>" if others else ""
        self.said.object = f"<h2>{html.escape(first)}</h2>{rest}"
        self._place[:] = [
            pn.pane.Bokeh(season_chart(answer, place, self.dark), sizing_mode="stretch_width")
        ]


def _named(answer: SeasonAnswer) -> dict[int, str]:
    """Return place → name of each zone; of several of one name, with its number."""
    names = answer.zones
    return {
        place: name if names.count(name) == 1 else f"{name} ({place + 1})"
        for place, name in enumerate(names)
    }
