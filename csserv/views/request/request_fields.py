"""The fields of a request: dataset, operation, period, time step, options; and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.catalog import Coverage
from csserv.errors import InvalidRequestError
from csserv.request import Area, Options, Period, Request
from csserv.tasks.log.task import Task
from csserv.views.parts.html_parts import Choice, Fold, TextField
from csserv.views.request import choices
from csserv.views.request.period_picker import PeriodPicker
from csserv.views.request.period_presets import PRESETS
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
        self.dataset = Choice("Dataset", {title: name for name, title in datasets.items()})
        self.operation = Choice("Operation", {title: name for name, title in TITLES.items()})
        self.period = PeriodPicker()
        self.time_step = Choice("Time step", {"native": "native"})
        self.units = TextField("Units", "those of the data")
        self.weighting = Choice("Weighting of cells", WEIGHTINGS)
        self.least_valid = pmui.IntInput(
            label="Least valid [%] of a longer step", value=80, start=0, end=100, **WIDE
        )
        self.further = pn.Column(sizing_mode="stretch_width", margin=0)
        self.period.param.watch(changed, ["start", "end"])
        for widget in (self.operation, self.time_step, *self._more()):
            widget.param.watch(changed, "value")

    @property
    def options(self) -> pn.viewable.Viewable:
        """What few people change."""
        return Fold("More options", *self._more())

    def asked(self, area: Area | None) -> Request:
        """Return the request that the fields hold; whether the data can answer it is another thing.

        Raises
        ------
        InvalidRequestError : something is not filled in, or wrong
        """
        if area is None:
            raise InvalidRequestError("choose an area: on the map, by name, or from a file")
        if (period := self.period.period) is None:
            raise InvalidRequestError("choose the first and the last day of the period")
        options = Options.of(
            {widget.label: widget.value for widget in self.further},
            time_step=self.time_step.value,
            units=self.units.value.strip() or None,
            weighting=self.weighting.value,
            least_valid=float(self.least_valid.value or 0),
        )
        return Request(self.dataset.value, self.operation.value, area, period, options)

    def fill(self, task: Task) -> None:
        """Fill in what a task asked."""
        asked = task.request
        options = Options.from_dict(asked.options)
        self.operation.choose(asked.operation)
        self.time_step.choose(options.time_step)
        self.period.choose(Period.parse(asked.period))
        self.units.value = options.units or ""
        self.weighting.choose(options.weighting)
        self.least_valid.value = round(options.least_valid)
        self.dataset.value = asked.dataset

    def take(self, there: Coverage) -> None:
        """Offer what a dataset has: days, longer time steps, further dimensions."""
        self.period.set_available(*choices.days(there), PRESETS["Last year"])
        names = choices.time_steps(there)
        own = f"native ({choices.frequency(there)})"
        options = {own if name == "native" else name: name for name in names}
        kept = self.time_step.value if self.time_step.value in names else "native"
        self.time_step.set_options(options, kept)
        self.further[:] = [
            Choice(one.name, {label: label for label in one.labels})
            for one in there.further
            if len(one.labels) > 1
        ]
        for widget in self.further:
            widget.param.watch(self._changed, "value")

    def _more(self) -> tuple[Any, ...]:
        return self.units, self.weighting, self.least_valid
