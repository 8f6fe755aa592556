"""The form of a request: dataset, operation, period, options; checked as one fills it in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.catalog import CatalogEntry
from csserv.errors import CsservError, InvalidRequestError
from csserv.request import Area, Options, Period, Request
from csserv.service import Service
from csserv.tasks.estimate import Estimate
from csserv.tasks.task import Task
from csserv.views.facts import Facts
from csserv.views.outlook import dataset_note, outlook
from csserv.views.presets import PRESETS
from csserv.zonal.operations import OPERATIONS

#: a person who types is left alone for so long before what they have typed is checked [s]
PAUSE = 0.25

#: what the operation is called in a list
TITLES = {name: f"{name}: {one.title}" for name, one in OPERATIONS.items()} | {
    "p90": "p90: 90th percentile by cell"
}

WIDE: dict[str, Any] = {"sizing_mode": "stretch_width", "size": "small", "margin": (8, 0)}


class RequestForm(pn.viewable.Viewer):
    """What to ask of which dataset, for an area that somebody else chooses.

    Parameters
    ----------
    service : whom to ask
    datasets : name → title of those to choose of
    client : who asks
    """

    area = param.ClassSelector(class_=Area, allow_None=True)
    facts = param.ClassSelector(class_=Facts, allow_None=True, doc="of the dataset")
    request = param.ClassSelector(
        class_=Request, allow_None=True, doc="as it stands, if it is whole"
    )
    submitted = param.ClassSelector(class_=Task, allow_None=True, doc="the latest task")

    def __init__(
        self, service: Service, datasets: Mapping[str, str], client: str = "", **params: Any
    ) -> None:
        super().__init__(**params)
        self._service = service
        self._client = client
        self._asked = 0
        names = {title: name for name, title in datasets.items()}
        self.dataset = pmui.Select(label="Dataset", options=names, searchable=True, **WIDE)
        self.operation = pmui.Select(
            label="Operation", options={title: name for name, title in TITLES.items()}, **WIDE
        )
        self.start = pmui.DatePicker(label="From", width=None, **WIDE)
        self.end = pmui.DatePicker(label="To", width=None, **WIDE)
        self.time_step = pmui.Select(label="Time step", options={"native": "native"}, **WIDE)
        self.units = pmui.TextInput(label="Units", placeholder="those of the data", **WIDE)
        self.least_valid = pmui.IntInput(
            label="Least valid [%] of a longer step", value=80, start=0, end=100, **WIDE
        )
        self.further = pmui.Column(sizing_mode="stretch_width", margin=0)
        self.said = pmui.Alert(
            object="", severity="info", sizing_mode="stretch_width", margin=(8, 0)
        )
        self.button = pmui.Button(
            label="Submit request",
            icon="rocket_launch",
            color="primary",
            variant="contained",
            size="large",
            disabled=True,
            sizing_mode="stretch_width",
            margin=(6, 0),
            on_click=self._submit,
        )
        for widget in (
            self.operation,
            self.start,
            self.end,
            self.time_step,
            self.units,
            self.least_valid,
        ):
            widget.param.watch(self._changed, "value")
        self.dataset.param.watch(self._choose_dataset, "value")
        self.param.watch(self._changed, "area")

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        presets = pmui.FlexBox(
            *[self._preset(name) for name in PRESETS],
            gap="4px",
            margin=0,
            sizing_mode="stretch_width",
        )
        dates = pmui.Row(
            self.start,
            pn.Spacer(width=10),
            self.end,
            sizing_mode="stretch_width",
            margin=0,
        )
        more = pmui.Accordion(
            ("More options", pmui.Column(self.units, self.least_valid, margin=(0, 8))),
            active=[],
            title_variant="body1",
            variant="outlined",
            sizing_mode="stretch_width",
            margin=(8, 0),
        )
        return pmui.Column(
            self.dataset,
            pn.bind(dataset_note, self.param.facts),
            self.operation,
            self.further,
            dates,
            presets,
            self.time_step,
            more,
            self.said,
            self.button,
            sizing_mode="stretch_width",
            margin=0,
        )

    async def load(self) -> None:
        """Read what the chosen dataset has, and check what is filled in."""
        if not self.dataset.value:
            self._say(
                "warning", "No dataset has files on this server; `csserv sample-data` makes some."
            )
            return
        try:
            facts = await asyncio.to_thread(Facts.of, self._entry)
        except CsservError as error:
            self.param.update(facts=None, request=None)
            self._say("error", str(error))
            return
        self._take(facts)
        await self._changed()

    def fill(self, task: Task) -> None:
        """Fill in what a task asked, to ask again with changes; its area is set by others."""
        asked = task.request
        options = Options.from_dict(asked.options)
        period = Period.parse(asked.period)
        _select(self.operation, asked.operation)
        _select(self.time_step, options.time_step)
        self.start.value, self.end.value = period.start, period.end
        self.units.value, self.least_valid.value = options.units, round(options.least_valid)
        self.dataset.value = asked.dataset

    def checked(self) -> Request:
        """Check what is filled in.

        Raises
        ------
        InvalidRequestError : whatever is wrong
        """
        return self._service.request(*self._asked_for(), self._options())

    def weighed(self) -> tuple[Request, Estimate]:
        """Check what is filled in, and say what it would cost.

        Raises
        ------
        InvalidRequestError : whatever is wrong; a limit that refuses it too
        """
        return self.checked(), self._service.estimate(*self._asked_for(), self._options())

    def _asked_for(self) -> tuple[str, str, Area, Period]:
        if self.area is None:
            raise InvalidRequestError("choose an area: on the map, by name, or from a file")
        return self.dataset.value, self.operation.value, self.area, self._period()

    @property
    def _entry(self) -> CatalogEntry:
        return self._service.catalog[self.dataset.value]

    def _period(self) -> Period:
        start, end = self.start.value, self.end.value
        if start is None or end is None:
            raise InvalidRequestError("choose the first and the last day of the period")
        return Period(start, end)

    def _options(self) -> Options:
        return Options.of(
            {widget.name: widget.value for widget in self.further},
            time_step=self.time_step.value,
            units=self.units.value.strip() or None,
            least_valid=float(self.least_valid.value or 0),
        )

    def _take(self, facts: Facts) -> None:
        """Offer what the dataset has: days, longer time steps, further dimensions."""
        self.facts = facts
        for picker in (self.start, self.end):
            picker.param.update(start=facts.first, end=facts.last)
        days = (self.start.value, self.end.value)
        if not all(day is not None and facts.first <= day <= facts.last for day in days):
            self._set_period(PRESETS["Last year"](facts.first, facts.last))
        own = f"native ({facts.step})"
        options = {own if name == "native" else name: name for name in facts.time_steps}
        kept = self.time_step.value if self.time_step.value in facts.time_steps else "native"
        self.time_step.param.update(options=options, value=kept)
        self.time_step.param.trigger("value")  # the browser knows the value by its new label only
        self.further[:] = [
            pmui.Select(label=name, name=name, options=list(labels), value=labels[0], **WIDE)
            for name, labels in facts.further
            if len(labels) > 1
        ]
        for widget in self.further:
            widget.param.watch(self._changed, "value")

    def _preset(self, name: str) -> pmui.Button:
        button = pmui.Button(label=name, size="small", variant="outlined", margin=(2, 0))

        def choose(event: Any) -> None:
            if self.facts:
                self._set_period(PRESETS[name](self.facts.first, self.facts.last))

        button.on_click(choose)
        return button

    def _set_period(self, period: Period) -> None:
        self.start.value, self.end.value = period.start, period.end

    async def _choose_dataset(self, event: Any) -> None:
        await self.load()

    async def _changed(self, *events: Any) -> None:
        """Check what is filled in, once a person has paused."""
        self._asked += 1
        mine = self._asked
        await asyncio.sleep(PAUSE)
        if mine == self._asked and self.facts is not None:
            await self._check(mine)

    async def _check(self, mine: int) -> None:
        try:
            request, cost = await asyncio.to_thread(self.weighed)
        except CsservError as error:
            if mine == self._asked:
                self.request = None
                self._say("info" if self.area is None else "warning", _sentence(error))
            return
        if mine == self._asked:
            self.request = request
            self._say("success", outlook(cost))

    def _say(self, severity: str, text: str) -> None:
        if denied := self._service.refusal("submit"):
            text = f"{text}\n\nYou may look, but not submit: {denied}."
        self.said.param.update(severity=severity, object=text)
        self.button.disabled = self.request is None or bool(denied)

    async def _submit(self, event: Any) -> None:
        self.button.param.update(disabled=True, loading=True)
        try:
            request = await asyncio.to_thread(self.checked)
            self.submitted = await asyncio.to_thread(submit, self._service, request, self._client)
        except CsservError as error:
            self._say("error", _sentence(error))
        finally:
            denied = self._service.refusal("submit")
            self.button.param.update(disabled=bool(denied) or self.request is None, loading=False)


def submit(service: Service, request: Request, client: str = "") -> Task:
    """Submit a request that was checked."""
    options = request.options
    return service.submit(
        request.dataset,
        request.operation,
        request.area,
        request.period,
        time_step=options.time_step,
        units=options.units or None,
        weighting=options.weighting,
        least_valid=options.least_valid,
        select=dict(options.select),
        client=client or None,
    )


def _select(widget: pmui.Select, value: str) -> None:
    """Choose of a list, where it may not stand yet."""
    known = widget.options.values() if isinstance(widget.options, dict) else widget.options
    if value not in known:
        more = dict(widget.options) if isinstance(widget.options, dict) else {v: v for v in known}
        widget.options = {**more, value: value}
    widget.value = value


def _sentence(error: CsservError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
