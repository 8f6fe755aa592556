"""Map and table of the zones of a result as one: a click in one marks in the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param

from csserv.language import mark, tr
from csserv.request import Area
from csserv.views.maps.places.place_layers import TOWNS_BY
from csserv.views.parts.html_parts import Choice, paragraph, text_to_html
from csserv.views.parts.normals_table import TITLES, Floats
from csserv.views.parts.series_table import LEAST_SHARE, SeriesTable
from csserv.views.zones.shades import kind_of, shades_of
from csserv.views.zones.shades_legend import legend_rows, shades_legend
from csserv.views.zones.zone_grid import ZoneGrid
from csserv.views.zones.zone_map import HEIGHT, ZoneMap
from csserv.views.zones.zone_numbers import (
    ZoneNumbers,
    numbers_at,
    numbers_of_period,
    value_title,
)

#: said where it is so
SIMPLER = mark("Outlines are simplified to be drawn; the numbers are those of the whole shapes.")

#: said where a zone has values, and none of the whole period
TOO_FEW = mark(
    "Of the whole period, zones with data on less than {least} % of its days have no value."
)

#: more zones than these are coloured anew when the slider is let go, not while it moves
MOST_AT_ONCE = 300

#: what zones can be coloured by, in this order
MEASURES = ("value", "anomaly", "percent_of_normal", "percentile_rank")

#: what these are
MEASURES_HELP = mark(
    "Anomaly is the value less what is normal. Of the normal, 100 per cent is as usual. The rank "
    "says how many of 100 years are lower: 10 is among the driest, or coldest, tenth."
)

WHOLE_PERIOD, ONE_STEP = "whole period", "one step"

#: number of the first of several series of each zone
FIRST = "0"

#: measure, step, and coordinates of the series that are shown where nothing was chosen
AT_FIRST = ("", "", "")


class ZonesPlace(pn.viewable.Viewer):
    """Where map and table stand, beside each other where there is room.

    Made at the start, as bokeh 3.9 stumbles over figures that come together with their layout;
    a row that wraps, as a FlexBox does not lay out figures that come late.
    """

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._head = pn.Column(sizing_mode="stretch_width", margin=0)
        self._map, self._table = (
            pn.Column(
                styles={"flex": flex, "min-width": "0"},
                sizing_mode="stretch_width",
                min_height=HEIGHT,
                margin=0,
            )
            for flex in ("5 1 340px", "6 1 340px")
        )

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the place."""
        beside = pn.Row(
            self._map,
            self._table,
            sizing_mode="stretch_width",
            min_height=HEIGHT,
            margin=0,
            styles={"flex-wrap": "wrap"},
        )
        return pn.Column(self._head, beside, sizing_mode="stretch_width", margin=0)

    def put(self, view: ZonesView) -> None:
        """Show a view."""
        several = len(view.grid.names) > 1
        self._head[:] = view.head()
        self._table.visible = several
        self._table[:] = [view.grid] if several else []
        self._map[:] = view.map_side()


class ZonesView(param.Parameterized):
    """Shows the zones of a result on a map, and in a table where there are several.

    Where each zone has several series, of members perhaps, one is chosen; colours are the same.

    Parameters
    ----------
    area : of the result
    table : its series
    places : address of lakes, rivers and towns, relative to the page; without it there are none
    """

    marked = param.List(
        default=[0], doc="numbers of the zones that are marked, the first one first"
    )
    seen = param.Event(doc="the zones are coloured by something else")

    def __init__(
        self,
        area: Area,
        table: SeriesTable,
        dark: bool = False,
        shown: tuple[str, str, str] = AT_FIRST,
        places: str = "",
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._every, self._dark = table, dark
        self._table = first = table.of_selection(0)
        numbers = {text: str(number) for number, text in enumerate(table.selections)}
        self.selection = Choice(tr("Shown of each zone"), numbers, visible=bool(numbers))
        self.map, self._has_places = ZoneMap(area, dark, self._mark_one, places), bool(places)
        self.grid = ZoneGrid([zone.name for zone in area.zones], first.values)
        last = len(table.times) - 1
        latest = table.last_known
        self._at_first = self._begins[latest] if table.of_index else ""  # it has no mean over time
        times = {tr("the whole period"): WHOLE_PERIOD, tr("one step"): ONE_STEP}
        self.time = Choice(tr("Time"), times, visible=last > 0 and not table.of_index)
        self.measure = Choice(
            tr("Coloured by"), {}, visible=bool(first.normals), help=tr(MEASURES_HELP)
        )
        self.slider = pmui.IntSlider(
            label=tr("Step"),
            start=0,
            end=max(last, 1),
            value=latest,
            show_value=False,
            visible=False,
            sizing_mode="stretch_width",
            margin=(0, 24),
        )
        self.step_text = paragraph("", margin=(2, 16))
        least = f"{100 * LEAST_SHARE:.0f}"
        self.too_few = paragraph(
            tr(TOO_FEW, least=least), small=True, visible=False, margin=(2, 16)
        )
        self.legend = shades_legend()
        self._listen(len(area.zones))
        self.choose(*shown)
        for choice, moved in (
            (self.measure, "value"),
            (self.time, "value"),
            (self.selection, "value"),
            (self.slider, "value_throttled"),
        ):
            choice.param.watch(lambda *events: self.param.trigger("seen"), moved)

    @property
    def chosen(self) -> tuple[str, str, str]:
        """What colours the zones, the beginning of their step, and which of their series is shown.

        Each is empty for what is seen first.
        """
        measure = "" if self.measure.value == MEASURES[0] else self.measure.value
        at = self._begins[self.slider.value] if self.time.value == ONE_STEP else ""
        of = "" if self.selection.value in ("", FIRST) else self.selection.text
        return measure, "" if at == self._at_first else at, of

    def choose(self, measure: str, at: str, of: str = "") -> None:
        """Show what is wanted; what there is none of is as it is at first."""
        if series := dict(self.selection.rows):
            self.selection.value = series.get(of, FIRST)
        begins = self._begins
        step = at if at in begins and len(begins) > 1 else self._at_first
        if step:
            self.slider.value = begins.index(step)
        self.time.value = ONE_STEP if step else WHOLE_PERIOD
        self._change_time()
        offered = [one for _, one in self.measure.rows]
        self.measure.value = measure if measure in offered else MEASURES[0]

    @property
    def _begins(self) -> list[str]:
        """The beginning of each step, UTC, as in an address: 2021-03-01, or 2021-03-01T03:00."""
        times = (one.isoformat(timespec="minutes") for one in self._table.times)
        return [time.removesuffix("T00:00") for time in times]

    def head(self) -> list[pn.viewable.Viewable]:
        """Return what stands above map and table: choices, and what is shown."""
        choices = pmui.FlexBox(
            *(
                pn.Column(one, styles={"flex": "1 1 180px", "max-width": "340px"}, margin=0)
                for one in (self.measure, self.time, self.selection)
                if one.visible
            ),
            gap="12px",
            sizing_mode="stretch_width",
            margin=(4, 12),
        )
        return [choices, self.step_text, self.slider]

    def map_side(self) -> list[pn.viewable.Viewable]:
        """Return the map, its legend, and what is said of its outlines."""
        said = [tr(SIMPLER)] * self.map.is_simpler + [tr(TOWNS_BY)] * self._has_places
        told = paragraph(" ".join(said), small=True, visible=bool(said), margin=(2, 16, 8, 16))
        pane = pn.pane.Bokeh(self.map.figure, sizing_mode="stretch_width")
        return [pane, self.legend, self.too_few, told]

    def mark(self, zones: Sequence[int]) -> None:
        """Mark zones, in map and table."""
        self.marked = list(zones)

    def _listen(self, zones: int) -> None:
        self.selection.param.watch(self._choose, "value")
        self.measure.param.watch(self._colour, "value")
        self.time.param.watch(self._change_time, "value")
        moved = "value" if zones <= MOST_AT_ONCE else "value_throttled"
        self.slider.param.watch(self._change_time, moved)
        self.grid.param.watch(lambda event: self.mark(event.new), "marked")
        self.param.watch(self._show_marks, "marked")
        self._show_marks()

    def _mark_one(self, zone: int) -> None:
        self.marked = [zone]

    def _show_marks(self, *events: Any) -> None:
        self.grid.marked = self.marked
        self.map.mark(self.marked)

    def _choose(self, event: Any) -> None:
        self._table = self._every.of_selection(int(event.new))
        self._change_time()

    def _change_time(self, *events: Any) -> None:
        one = self.time.value == ONE_STEP
        self.slider.visible = one and len(self._table.times) > 1
        self._shown = (
            numbers_at(self._table, self.slider.value) if one else numbers_of_period(self._table)
        )
        lacking = np.isnan(self._shown.numbers["value"])
        some = np.isfinite(self._table.values).any(axis=0)
        self.too_few.visible = not one and bool((lacking & some).any())
        self._offer_measures()
        self._colour()

    def _offer_measures(self) -> None:
        """Offer what is known of the zones at this time."""
        there = [name for name in MEASURES if name in self._shown.numbers]
        titles = {tr(TITLES[name][0]): name for name in there}
        kept = self.measure.value if self.measure.value in there else "value"
        self.measure.set_options(titles, kept)

    def _colour(self, *events: Any) -> None:
        """Colour the map, and fill the table."""
        if (name := self.measure.value) not in self._shown.numbers:
            return
        shown, table = self._shown, self._table
        of = _all_steps(table, name) if self.time.value == ONE_STEP else shown.numbers[name]
        kind = kind_of(table.units, table.is_amount, table.is_score)
        shades = shades_of(name, of, shown.units, kind, self._dark)
        numbers = shown.numbers[name]
        self.step_text.object = text_to_html(_words(shown, name))
        self.map.colour(shades, numbers, shown.percent)
        self.legend.object = legend_rows(shades, numbers)
        self.grid.show(shown)


def _all_steps(table: SeriesTable, name: str) -> Floats:
    """Return the numbers of all steps, whose colours are the same."""
    if name == "value" or table.normals is None:
        return table.values
    return np.asarray(table.normals.numbers[name])


def _words(shown: ZoneNumbers, name: str) -> str:
    """Say what is shown, and of when."""
    title = value_title(shown)
    if name == "percentile_rank":
        title = tr("Rank of 100: {meaning}. {title}", meaning=tr(shown.rank_words), title=title)
    elif name != "value":
        title = f"{tr(TITLES[name][0])}. {title}"
    return f"**{title}**\n{shown.when} UTC"
