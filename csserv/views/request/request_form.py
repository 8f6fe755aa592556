"""The form of a request, which checks and estimates the request while it is filled in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.catalog import Coverage
from csserv.errors import CsservError
from csserv.language import tr
from csserv.request import Area, Request
from csserv.service import Service
from csserv.tasks.log.task import Task
from csserv.views.parts.html_parts import Notice, paragraph, text_to_html
from csserv.views.request import coverage_texts
from csserv.views.request.period_presets import age_text
from csserv.views.request.preview import (
    asked_in_words,
    dataset_text,
    preview_text,
    refusal_text,
)
from csserv.views.request.request_fields import RequestFields
from csserv.views.tasks.task_texts import sentence

#: pause in typing after which the request is checked [s]
TYPING_PAUSE = 0.25


class RequestForm(pn.viewable.Viewer):
    """The form of a request, and its button to submit it; the area is set from outside.

    Parameters
    ----------
    service : takes the requests
    datasets : name → title of the datasets to choose from
    client : the client that the tasks belong to
    """

    area = param.ClassSelector(class_=Area, allow_None=True)
    coverage = param.ClassSelector(class_=Coverage, allow_None=True, doc="coverage of the dataset")
    request = param.ClassSelector(
        class_=Request, allow_None=True, doc="the request, if it can be submitted"
    )
    checked = param.Event(doc="the request was checked after a change, and may be as it was")
    submitted = param.ClassSelector(class_=Task, allow_None=True, doc="the task submitted last")

    def __init__(
        self, service: Service, datasets: Mapping[str, str], client: str = "", **params: Any
    ) -> None:
        super().__init__(**params)
        self._service = service
        self._client = client
        self._checks = 0
        self.fields = RequestFields(datasets, self._changed)
        self.about = paragraph(tr("Reading what the dataset has …"), small=True, min_height=96)
        self.age = Notice(margin=(4, 0))
        self.message = Notice()
        self.button = pmui.Button(
            label=tr("Submit request"),
            icon="rocket_launch",
            color="primary",
            variant="contained",
            size="large",
            disabled=True,
            sizing_mode="stretch_width",
            margin=(6, 0),
            on_click=self._submit,
        )
        self.fields.dataset.param.watch(self._choose_dataset, "value")
        self.param.watch(self._changed, "area")

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the form."""
        return pn.Column(*self.parts, sizing_mode="stretch_width")

    @property
    def parts(self) -> tuple[pn.viewable.Viewable, ...]:
        """The parts of the form, to be placed one below the other."""
        return (*self.what, *self.when, *self.ending)

    @property
    def what(self) -> tuple[pn.viewable.Viewable, ...]:
        """The dataset, and what is computed of it."""
        fields = self.fields
        own = (fields.dataset, self.about, fields.operation, fields.further_dimensions)
        return (*own, fields.comparison.view, fields.options)

    @property
    def when(self) -> tuple[pn.viewable.Viewable, ...]:
        """The period and its steps."""
        return (self.fields.period, self.age, self.fields.time_step)

    @property
    def ending(self) -> tuple[pn.viewable.Viewable, ...]:
        """What the request costs or why it cannot be submitted, and the button."""
        return (self.message, self.button)

    async def load(self) -> None:
        """Read the coverage of the chosen dataset, and check the request."""
        name = self.fields.dataset.value
        if not name:
            self._say(
                "warning",
                tr("No dataset has files on this server; `csserv sample-data` makes some."),
            )
            return
        try:
            coverage = await asyncio.to_thread(self._service.coverage, name)
        except CsservError as error:
            self.param.update(coverage=None, request=None)
            self.about.object = ""
            self.age.say("warning", "")
            self._say("error", sentence(error))
            return
        entry = self._service.catalog[name]
        self.fields.set_coverage(coverage)
        self.fields.comparison.index_fields.offer_for(coverage.units or entry.units)
        last = coverage_texts.selectable_days(coverage)[1]
        self.age.say("warning", age_text(last, datetime.now(UTC).date()))
        self.coverage = coverage
        self.about.object = text_to_html(dataset_text(entry, coverage))
        self._checks += 1
        await self._check(self._checks)

    async def _choose_dataset(self, event: Any) -> None:
        await self.load()

    async def _changed(self, *events: Any) -> None:
        """Check the request after a pause in typing."""
        self._checks += 1
        mine = self._checks
        await asyncio.sleep(TYPING_PAUSE)
        if mine == self._checks and self.coverage is not None:
            await self._check(mine)

    async def _check(self, mine: int) -> None:
        await self._weigh(mine)
        if mine == self._checks:
            self.param.trigger("checked")

    async def _weigh(self, mine: int) -> None:
        try:
            request = self.fields.to_request(self.area)
            estimate = await asyncio.to_thread(
                self._service.estimate,
                request.dataset,
                request.operation,
                request.area,
                request.period,
                request.options,
            )
        except CsservError as error:
            if mine == self._checks:
                self.request = None
                self._say("info" if self.area is None else "warning", sentence(error))
            return
        if mine == self._checks:
            self.request = None if estimate.refused else request
            if estimate.refused:
                self._say("warning", refusal_text(estimate))
            else:
                index, asked = request.options.index, self._asked(request)
                self._say("success", preview_text(estimate, request.period, index, asked))

    def _asked(self, request: Request) -> str:
        """Say what the values of a request will be."""
        entry, known = self._service.catalog[request.dataset], self.coverage
        units = (known.units if known else "") or entry.units
        return asked_in_words(request, entry.title, units or "")

    def _say(self, severity: str, text: str) -> None:
        if denied := self._service.refusal("submit"):
            text += "\n" + tr("You may look, but not submit: {why}.", why=denied)
        self.message.say(severity, text)
        self.button.disabled = self.request is None or bool(denied)

    async def _submit(self, event: Any) -> None:
        self.button.param.update(disabled=True, loading=True)
        try:
            request = self.fields.to_request(self.area)
            self.submitted = await asyncio.to_thread(submit, self._service, request, self._client)
        except CsservError as error:
            self._say("error", sentence(error))
        finally:
            denied = self._service.refusal("submit")
            self.button.param.update(disabled=bool(denied) or self.request is None, loading=False)


def submit(service: Service, request: Request, client: str = "") -> Task:
    """Submit a request; return its task."""
    return service.submit(
        request.dataset,
        request.operation,
        request.area,
        request.period,
        options=request.options,
        client=client or None,
    )
