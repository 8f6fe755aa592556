"""The fields of the form of a request: dataset, operation, period, time step, options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.catalog import Coverage
from csserv.catalog.read.axes import Further
from csserv.catalog.read.further.selections import ALL
from csserv.errors import InvalidRequestError
from csserv.language import listed, mark, tr
from csserv.request import Area, Options, Period, Request
from csserv.request.options import MOST_ACCUMULATED
from csserv.tasks.log.task import Task
from csserv.views.parts.html_parts import Choice, Fold, TextField, said_options
from csserv.views.request import coverage_texts
from csserv.views.request.comparison_fields import ComparisonFields
from csserv.views.request.field_help import help_of
from csserv.views.request.period_picker import PeriodPicker
from csserv.views.request.period_presets import PRESETS
from csserv.zonal.operations import OPERATIONS
from csserv.zonal.over_time.timestep import NATIVE

#: operation → label
TITLES = {name: one.title for name, one in OPERATIONS.items()} | {
    "p90": mark("90th percentile by cell")
}

#: label → weighting of cells
WEIGHTINGS = {
    mark("exact: by the share of each cell in the zone"): "area",
    mark("whole cells by their centre, as older services"): "centre",
    mark("by their share in degrees, whatever their area, as exactextract"): "share",
}

WIDE: dict[str, Any] = {"sizing_mode": "stretch_width", "size": "small", "margin": (8, 0)}

#: label → how longer steps are made
OVER_TIME_TITLES = {
    mark("as the data need: rain adds up, states are averaged"): "",
    mark("sum over the step"): "sum",
    mark("mean over the step"): "mean",
    mark("highest value in the step"): "max",
    mark("lowest value in the step"): "min",
}


#: what the time step of the data is called, and others that need a word
OWN_STEP = mark("as the data have it")
STEP_TITLES = {
    "pentad": mark("pentad: five days"),
    "dekad": mark("dekad: ten days"),
    "seasonal": mark("seasonal: three months"),
    "period": mark("period: one value for all of it"),
}


class RequestFields:
    """The widgets of a request, without its area.

    Parameters
    ----------
    datasets : name → title of the datasets to choose from
    changed : called when a value other than the dataset has changed
    """

    def __init__(self, datasets: Mapping[str, str], changed: Callable[..., Any]) -> None:
        self._changed = changed
        self.dataset = Choice(tr("Dataset"), {title: name for name, title in datasets.items()})
        self.operation = Choice(
            tr("Statistic over the area"),
            {f"{name}: {tr(title)}": name for name, title in TITLES.items()},
            help=help_of("operation"),
        )
        self.further_operations = pmui.MultiChoice(
            label=tr("Further statistics over the area"),
            options=[name for name, one in OPERATIONS.items() if not one.export],
            description="",
            visual_size="small",
            sizing_mode="stretch_width",
            margin=(8, 0),
        )
        self.period = PeriodPicker()
        self.time_step = Choice(tr("Time step"), {tr(OWN_STEP): NATIVE}, help=help_of("time_step"))
        self.units = TextField(tr("Units"), tr("those of the data"), help=help_of("units"))
        self.weighting = Choice(
            tr("How cells on a border count"), said_options(WEIGHTINGS), help=help_of("weighting")
        )
        self.least_valid = pmui.IntInput(
            label=tr("Share of a longer step that must have data [%]"),
            value=80,
            start=0,
            end=100,
            description=help_of("least_valid"),
            **WIDE,
        )
        self.over_time = Choice(
            tr("How a longer step is made of shorter ones"),
            said_options(OVER_TIME_TITLES),
            help=help_of("over_time"),
        )
        self.accumulate = pmui.IntInput(
            label=tr("Steps in each value (3: a month and the two before it)"),
            value=1,
            start=1,
            end=MOST_ACCUMULATED,
            description=help_of("accumulate"),
            **WIDE,
        )
        self.comparison = ComparisonFields(changed)
        self.further_dimensions = pn.Column(sizing_mode="stretch_width", margin=0)
        self._asked: tuple[str, dict[str, str]] = "", {}  # dataset and choices of a filled-in task
        self._period: Period | None = None  # of that task, until another is chosen
        self._native = ""  # time step of the dataset, once it is known
        self.time_step.param.watch(self._offer_indices, "value")
        self.period.param.watch(self._period_chosen, ["start", "end"])
        self.period.param.watch(changed, ["start", "end"])
        for widget in (self.operation, self.further_operations):
            widget.param.watch(self._offer_comparison, "value")
        for widget in (self.operation, self.time_step, *self.comparison.widgets, *self._more()):
            widget.param.watch(changed, "value")

    @property
    def options(self) -> pn.viewable.Viewable:
        """The options that few users change, folded."""
        return Fold(tr("More options"), *self._more())

    def to_request(self, area: Area | None) -> Request:
        """Return the request of the fields; it is not checked against the data.

        Raises
        ------
        InvalidRequestError : a field is empty or wrong
        """
        if area is None:
            raise InvalidRequestError(tr("choose an area: on the map, by name, or from a file"))
        if (period := self.period.period) is None:
            raise InvalidRequestError(tr("choose the first and the last day of the period"))
        return Request(self.dataset.value, self.operations, area, period, self.to_options())

    def to_options(self) -> Options:
        """Return the options of the fields.

        Raises
        ------
        InvalidRequestError : a field is wrong
        """
        options = Options.of(
            {widget.label: widget.value for widget in self.further_dimensions},
            time_step=self.time_step.value,
            units=self.units.value.strip() or None,
            weighting=self.weighting.value,
            accumulate=self.accumulate.value or 1,
            least_valid=float(self.least_valid.value or 0),
            **self.comparison.asked(),
        )
        return replace(options, over_time=self.over_time.value) if options.makes_longer else options

    @property
    def operations(self) -> str:
        """The operations, with commas between."""
        return ",".join(self._operations())

    @property
    def operations_text(self) -> str:
        """The operations as people see them."""
        return listed([self.operation.text, *map(tr, self._operations()[1:])])

    def fill_in(self, task: Task) -> None:
        """Fill the fields with the request of a task."""
        request = task.request
        period = Period.parse(request.period)
        options = Options.from_dict(request.options)
        self.choose(request.dataset, request.operation, period, options)

    def choose(
        self, dataset: str, operations: str, period: Period | None, options: Options
    ) -> None:
        """Choose the values of a request; without a period, it stays as it is."""
        first, *others = map(str.strip, operations.split(","))
        self.operation.choose(first)
        known = self.further_operations.options
        self.further_operations.options = list(dict.fromkeys([*known, *others]))
        self.further_operations.value = others
        self.time_step.choose(options.time_step)
        if period:
            self._period = period
            self.period.choose(period)
        self.units.value = options.units or ""
        self.weighting.choose(options.weighting)
        self.over_time.choose(options.over_time)
        self.accumulate.value = options.accumulate
        self.least_valid.value = round(options.least_valid)
        self.comparison.fill_in(options)
        self._asked = dataset, dict(options.select)
        self._choose_as_asked()
        self.dataset.value = dataset

    def set_coverage(self, coverage: Coverage) -> None:
        """Set days, time steps and further dimensions to choose from, those of a dataset."""
        # the last step of a period that is asked for may end after the days with data
        asked = self._period if self._asked[0] == self.dataset.value else None
        days = coverage_texts.selectable_days(coverage)
        self.period.set_available(*days, PRESETS["Last year"], asked)
        names = coverage_texts.selectable_time_steps(coverage)
        own = f"{tr(OWN_STEP)}: {coverage_texts.frequency(coverage)}"
        titles = STEP_TITLES | {NATIVE: own}
        options = {tr(titles.get(name, name)): name for name in names}
        kept = self.time_step.value if self.time_step.value in names else NATIVE
        self.time_step.set_options(options, kept)
        self._native = coverage.time_step
        self._offer_indices()
        self.further_dimensions[:] = [
            Choice(one.name, {label: label for label in one.labels} | _all(one))
            for one in coverage.further
            if len(one.labels) > 1
        ]
        self._choose_as_asked()
        for widget in self.further_dimensions:
            widget.param.watch(self._changed, "value")

    def _period_chosen(self, *events: Any) -> None:
        asked = self._period
        if asked and (self.period.start, self.period.end) != (str(asked.start), str(asked.end)):
            self._period = None

    def _operations(self) -> list[str]:
        return list(dict.fromkeys([self.operation.value, *self.further_operations.value]))

    def _offer_comparison(self, *events: Any) -> None:
        self.comparison.offer_for(self._operations())

    def _offer_indices(self, *events: Any) -> None:
        step = self.time_step.value
        self.comparison.index_fields.offer_for(step=self._native if step == "native" else step)

    def _choose_as_asked(self) -> None:
        dataset, select = self._asked
        for widget in self.further_dimensions if dataset == self.dataset.value else ():
            widget.choose(select.get(widget.label, widget.value))

    def _more(self) -> tuple[Any, ...]:
        return (
            self.further_operations,
            self.units,
            self.weighting,
            self.accumulate,
            self.over_time,
            self.least_valid,
        )


def _all(dimension: Further) -> dict[str, str]:
    """Return the choice of all coordinates of a dimension."""
    return {tr("all {count}, each with a series of its own", count=len(dimension.labels)): ALL}
