"""Where the charts of one series stand: a place for each kind, of which tabs show one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
from bokeh.plotting import figure

from csserv.language import mark, month_names, tr
from csserv.views.charts.chart_kinds import CHART_KINDS, STEPS, tab_titles
from csserv.views.charts.kind_tabs import KindTabs
from csserv.views.charts.small_multiples import in_a_grid
from csserv.views.charts.year_lines import MONTH_NAMES
from csserv.views.parts.html_parts import Choice, paragraph

#: of a chart, without its legend [pixels]
HEIGHT = 340

#: name → number, of months
MONTHS = {name: number for number, name in enumerate(MONTH_NAMES, 1)}


#: what that is for
BEGIN_HELP = mark(
    "Where a rainy season goes on over the end of the year, let years begin before it: each line "
    "is then one season, and adding up begins with it."
)


class ChartPlaces(pn.viewable.Viewer):
    """Shows one of the charts that it has.

    Parameters
    ----------
    changed : called with the kind when somebody has chosen another one
    begins : called with the month when somebody has chosen another one for years to begin in

    Attributes
    ----------
    offered : kinds of charts that are offered of a result; none before it is drawn
    """

    def __init__(
        self, changed: Callable[[str], Any], begins: Callable[[int], Any], **params: Any
    ) -> None:
        super().__init__(**params)
        self._changed = changed
        self.offered: list[str] = []
        # made at the start, as bokeh 3.9 stumbles over figures that come together with their layout
        self._places = {
            kind: pn.Column(
                name=f"{self.name}_{kind}",
                sizing_mode="stretch_width",
                min_height=HEIGHT,
                margin=(4, 8),
                visible=kind == STEPS,
            )
            for kind in tab_titles()
        }
        names = {kind: place.name for kind, place in self._places.items()}
        self.tabs = KindTabs(names, tab_titles(), visible=False)
        months = {name: str(number) for number, name in enumerate(month_names()) if number}
        self._begin = Choice(tr("Years begin in"), months, help=tr(BEGIN_HELP))
        self._begin.param.update(max_width=320, visible=False)
        self._begin.margin = (8, 12)
        self.tabs.param.watch(self._choose, "value")
        self._begin.param.watch(lambda event: begins(int(event.new)), "value")

    def __panel__(self) -> pn.viewable.Viewable:
        """Return tabs, places, and the choice of a month."""
        return pn.Column(
            self.tabs, *self._places.values(), self._begin, sizing_mode="stretch_width", margin=0
        )

    @property
    def kind(self) -> str:
        """The kind that is seen."""
        return str(self.tabs.value)

    def offer(self, kinds: list[str], shown: str) -> None:
        """Offer kinds of charts, and show one."""
        self.offered = kinds
        self.tabs.offer(kinds, shown)
        self._see(shown)

    def put(self, kind: str, figures: list[figure]) -> None:
        """Place the chart of a kind; several small ones beside each other."""
        several = len(figures) > 1
        one = in_a_grid(figures) if several else pn.pane.Bokeh(figures[0])
        one.sizing_mode = "stretch_width"
        self._places[kind].min_height = HEIGHT
        self._places[kind][:] = [one]

    def tell(self, text: str) -> None:
        """Say why there is no chart."""
        self.offer([STEPS], STEPS)
        self._places[STEPS].min_height = 0
        self._places[STEPS][:] = [paragraph(text)]

    def begin_in(self, month: int) -> None:
        """Show the month in which years begin."""
        self._begin.choose(str(month))

    def clear(self) -> None:
        """Show nothing."""
        self.offered = []
        for place in self._places.values():
            place.clear()

    def _choose(self, event: Any) -> None:
        self._see(event.new)
        self._changed(event.new)

    def _see(self, shown: str) -> None:
        for kind, place in self._places.items():
            place.visible = kind == shown
        self._begin.visible = shown in CHART_KINDS and CHART_KINDS[shown].has_years
