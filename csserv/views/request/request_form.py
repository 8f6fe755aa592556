"""The form of a request, checked and weighed as one fills it in, and submitted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.catalog import Coverage
from csserv.errors import CsservError
from csserv.request import Area, Request
from csserv.service import Service
from csserv.tasks.log.task import Task
from csserv.views.parts.html_parts import Notice, paragraph, text_to_html
from csserv.views.request.preview import about, preview, refusal
from csserv.views.request.request_fields import Fields
from csserv.views.tasks.task_texts import sentence

#: a person who types is left alone for so long before what they have typed is checked [s]
PAUSE = 0.25


class RequestForm(pn.viewable.Viewer):
    """What to ask of which dataset, for an area that somebody else chooses.

    Parameters
    ----------
    service : whom to ask
    datasets : name → title of those to choose of
    client : who asks
    """

    area = param.ClassSelector(class_=Area, allow_None=True)
    coverage = param.ClassSelector(class_=Coverage, allow_None=True, doc="of the dataset")
    request = param.ClassSelector(
        class_=Request, allow_None=True, doc="as it stands, if it can be submitted"
    )
    submitted = param.ClassSelector(class_=Task, allow_None=True, doc="the latest task")

    def __init__(
        self, service: Service, datasets: Mapping[str, str], client: str = "", **params: Any
    ) -> None:
        super().__init__(**params)
        self._service = service
        self._client = client
        self._asked = 0
        self.fields = Fields(datasets, self._changed)
        self.about = paragraph("Reading what the dataset has …", small=True, min_height=96)
        self.said = Notice()
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
        self.fields.dataset.param.watch(self._choose_dataset, "value")
        self.param.watch(self._changed, "area")

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return pn.Column(*self.parts, sizing_mode="stretch_width")

    @property
    def parts(self) -> tuple[pn.viewable.Viewable, ...]:
        """What it is made of, below each other."""
        fields = self.fields
        asked = (fields.operation, fields.further, fields.period, fields.time_step, fields.options)
        return (fields.dataset, self.about, *asked, self.said, self.button)

    async def load(self) -> None:
        """Read what the chosen dataset has, and check what is filled in."""
        name = self.fields.dataset.value
        if not name:
            self._say(
                "warning", "No dataset has files on this server; `csserv sample-data` makes some."
            )
            return
        try:
            there = await asyncio.to_thread(self._service.coverage, name)
        except CsservError as error:
            self.param.update(coverage=None, request=None)
            self.about.object = ""
            self._say("error", sentence(error))
            return
        self.fields.take(there)
        self.coverage = there
        self.about.object = text_to_html(about(self._service.catalog[name], there))
        self._asked += 1
        await self._check(self._asked)

    async def _choose_dataset(self, event: Any) -> None:
        await self.load()

    async def _changed(self, *events: Any) -> None:
        """Check what is filled in, once a person has paused."""
        self._asked += 1
        mine = self._asked
        await asyncio.sleep(PAUSE)
        if mine == self._asked and self.coverage is not None:
            await self._check(mine)

    async def _check(self, mine: int) -> None:
        try:
            asked = self.fields.asked(self.area)
            cost = await asyncio.to_thread(
                self._service.estimate,
                asked.dataset,
                asked.operation,
                asked.area,
                asked.period,
                asked.options,
            )
        except CsservError as error:
            if mine == self._asked:
                self.request = None
                self._say("info" if self.area is None else "warning", sentence(error))
            return
        if mine == self._asked:
            self.request = None if cost.refused else asked
            if cost.refused:
                self._say("warning", refusal(cost))
            else:
                self._say("success", preview(cost, asked.period))

    def _say(self, severity: str, text: str) -> None:
        if denied := self._service.refusal("submit"):
            text = f"{text}\nYou may look, but not submit: {denied}."
        self.said.say(severity, text)
        self.button.disabled = self.request is None or bool(denied)

    async def _submit(self, event: Any) -> None:
        self.button.param.update(disabled=True, loading=True)
        try:
            request = self.fields.asked(self.area)
            self.submitted = await asyncio.to_thread(submit, self._service, request, self._client)
        except CsservError as error:
            self._say("error", sentence(error))
        finally:
            denied = self._service.refusal("submit")
            self.button.param.update(disabled=bool(denied) or self.request is None, loading=False)


def submit(service: Service, request: Request, client: str = "") -> Task:
    """Submit a request."""
    return service.submit(
        request.dataset,
        request.operation,
        request.area,
        request.period,
        options=request.options,
        client=client or None,
    )
