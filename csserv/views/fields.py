"""The fields of a request: dataset, operation, period, time step, options; and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.catalog import Coverage
from csserv.errors import InvalidRequestError
from csserv.request import Area, Options, Period, Request
from csserv.tasks.task import Task
from csserv.views import offer
from csserv.views.cards import folded
from csserv.views.presets import PRESETS
from csserv.zonal.operations import OPERATIONS

#: what the operation is called in a list
TITLES = {name: f"{name}: {one.title}" for name, one in OPERATIONS.items()} | {
    "p90": "p90: 90th percentile by cell"
}

#: how cells may be weighted, in words
WEIGHTINGS = {
    "exact: by the share of each cell in the zone": "area",
    "whole cells by their centre, as older services": "centre",
}

WIDE: dict[str, Any] = {"sizing_mode": "stretch_width", "size": "small", "margin": (8, 0)}


class Fields:
    """Widgets that hold a request, but for its area.

    Parameters
    ----------
    datasets : name → title of those to choose of
    changed : called when a value but the dataset has changed
    """

    def __init__(self, datasets: Mapping[str, str], changed: Callable[..., Any]) -> None:
        self._changed = changed
        self._offered: Coverage | None = None
        names = {title: name for name, title in datasets.items()}
        self.dataset = pmui.Select(label="Dataset", options=names, searchable=True, **WIDE)
        self.operation = pmui.Select(
            label="Operation", options={title: name for name, title in TITLES.items()}, **WIDE
        )
        self.start = pmui.DatePicker(label="From", width=None, **WIDE)
        self.end = pmui.DatePicker(label="To", width=None, **WIDE)
        self.time_step = pmui.Select(label="Time step", options={"native": "native"}, **WIDE)
        self.units = pmui.TextInput(label="Units", placeholder="those of the data", **WIDE)
        self.weighting = pmui.Select(label="Weighting of cells", options=WEIGHTINGS, **WIDE)
        self.least_valid = pmui.IntInput(
            label="Least valid [%] of a longer step", value=80, start=0, end=100, **WIDE
        )
        self.further = pn.Column(sizing_mode="stretch_width", margin=0)
        self.presets = pmui.CheckButtonGroup(
            options=list(PRESETS),
            size="small",
            label="",
            margin=(2, 0),
            sx={"& button": {"whiteSpace": "nowrap", "px": 1, "py": 0.25}},
        )
        self.presets.param.watch(self._preset, "value")
        for widget in (self.operation, self.start, self.end, self.time_step, *self._more()):
            widget.param.watch(changed, "value")

    @property
    def period(self) -> pn.viewable.Viewable:
        """The first and the last day, side by side."""
        days = (self.start, pn.Spacer(width=10), self.end)
        return pn.Row(*days, sizing_mode="stretch_width", margin=0)

    @property
    def options(self) -> pn.viewable.Viewable:
        """What few people change."""
        return folded("More options", *self._more(), variant="outlined", margin=(8, 0))

    def asked(self, area: Area | None) -> Request:
        """Return the request that the fields hold; whether the data can answer it is another thing.

        Raises
        ------
        InvalidRequestError : something is not filled in, or wrong
        """
        if area is None:
            raise InvalidRequestError("choose an area: on the map, by name, or from a file")
        start, end = self.start.value, self.end.value
        if start is None or end is None:
            raise InvalidRequestError("choose the first and the last day of the period")
        options = Options.of(
            {widget.name: widget.value for widget in self.further},
            time_step=self.time_step.value,
            units=self.units.value.strip() or None,
            weighting=self.weighting.value,
            least_valid=float(self.least_valid.value or 0),
        )
        return Request(self.dataset.value, self.operation.value, area, Period(start, end), options)

    def fill(self, task: Task) -> None:
        """Fill in what a task asked."""
        asked = task.request
        options = Options.from_dict(asked.options)
        period = Period.parse(asked.period)
        select(self.operation, asked.operation)
        select(self.time_step, options.time_step)
        self.start.value, self.end.value = period.start, period.end
        self.units.value, self.weighting.value = options.units, options.weighting
        self.least_valid.value = round(options.least_valid)
        self.dataset.value = asked.dataset

    def take(self, there: Coverage) -> None:
        """Offer what a dataset has: days, longer time steps, further dimensions."""
        self._offered = there
        first, last = offer.days(there)
        for picker in (self.start, self.end):
            picker.param.update(start=first, end=last)
        chosen = (self.start.value, self.end.value)
        if not all(day is not None and first <= day <= last for day in chosen):
            self._set_period(PRESETS["Last year"](first, last))
        names = offer.time_steps(there)
        own = f"native ({offer.rhythm(there)})"
        options = {own if name == "native" else name: name for name in names}
        kept = self.time_step.value if self.time_step.value in names else "native"
        self.time_step.param.update(options=options, value=kept)
        self.time_step.param.trigger("value")  # the browser knows the value by its new label only
        self.further[:] = [
            pmui.Select(label=one.name, name=one.name, options=list(one.labels), **WIDE)
            for one in there.further
            if len(one.labels) > 1
        ]
        for widget in self.further:
            widget.param.watch(self._changed, "value")

    def _more(self) -> tuple[Any, ...]:
        return self.units, self.weighting, self.least_valid

    def _preset(self, event: Any) -> None:
        if event.new and self._offered:
            self._set_period(PRESETS[event.new[0]](*offer.days(self._offered)))
            self.presets.value = []  # it can be chosen again once days have changed

    def _set_period(self, period: Period) -> None:
        self.start.value, self.end.value = period.start, period.end


def select(widget: pmui.Select, value: str) -> None:
    """Choose of a list, where it may not stand yet."""
    known = widget.options.values() if isinstance(widget.options, dict) else widget.options
    if value not in known:
        more = dict(widget.options) if isinstance(widget.options, dict) else {v: v for v in known}
        widget.options = {**more, value: value}
    widget.value = value
