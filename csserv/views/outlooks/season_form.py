"""The form that asks how a season will end; the area is chosen beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.catalog import Coverage
from csserv.catalog.read.further.selections import ALL
from csserv.errors import CsservError, InvalidRequestError
from csserv.language import local_date, mark, tr
from csserv.outlooks.ask_season import AskedSeason, SeasonQuestion, queue_season
from csserv.request import Area
from csserv.service import Service
from csserv.views.outlooks.season_texts import OWN, SEASONS, season_around, season_of
from csserv.views.parts.html_parts import Choice, Notice, TextField, paragraph
from csserv.views.request.comparison_fields import years_in
from csserv.views.request.coverage_texts import selectable_days
from csserv.views.tasks.task_texts import sentence

#: label of a season that somebody writes, and of no forecast
OWN_SEASON = mark("other months or days")
NO_FORECAST = mark("none: the rest falls as in other years")

#: said where no area is chosen
NO_AREA = mark("choose an area: on the map, by name, or from a file")

#: what the answer is made of
ABOUT = mark(
    "What fell so far goes on as the forecast says, where you choose one, and then as in each year "
    "of the past: so you see how the season may end, beside what is normal."
)


class SeasonForm(pn.viewable.Viewer):
    """The fields of a season, and the button that asks.

    Parameters
    ----------
    datasets : name → title of those with files here
    asked : called with what was asked, once its tasks are queued
    """

    area = param.ClassSelector(class_=Area, allow_None=True)
    coverage = param.ClassSelector(class_=Coverage, allow_None=True, doc="coverage of the dataset")

    def __init__(
        self,
        service: Service,
        datasets: Mapping[str, str],
        asked: Callable[[AskedSeason], Awaitable[None]],
        client: str = "",
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._service, self._asked, self._client = service, asked, client
        by_title = {title: name for name, title in datasets.items()}
        self.dataset = Choice(tr("Dataset of what fell"), by_title)
        self.forecast = Choice(tr("Forecast"), {tr(NO_FORECAST): "", **by_title})
        self.season = Choice(
            tr("Season"), {tr(label): label for label in SEASONS} | {tr(OWN_SEASON): OWN}
        )
        self.year = TextField(tr("Year that it begins in"), "2024")
        self.own = TextField(tr("First and last month"), "2024-03 to 2024-05", visible=False)
        self.years = TextField(tr("Years that are normal"), tr("1991 to 2020, or all"))
        self.message = Notice()
        self.button = pmui.Button(
            label=tr("How will it end?"),
            icon="timeline",
            color="primary",
            variant="contained",
            size="large",
            sizing_mode="stretch_width",
            margin=(6, 0),
            on_click=self._ask,
        )
        self._chosen = ""
        self.dataset.param.watch(self._suggest, "value")
        self.season.param.watch(self._show, "value")

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the form."""
        return pn.Column(*self.parts, sizing_mode="stretch_width")

    @property
    def parts(self) -> tuple[pn.viewable.Viewable, ...]:
        """The parts of the form, to be placed one below the other."""
        fields = (self.dataset, self.season, self.year, self.own, self.forecast, self.years)
        return (paragraph(tr(ABOUT), small=True), *fields, self.message, self.button)

    async def load(self) -> None:
        """Suggest the season that the chosen dataset ends in, once for each dataset."""
        name = self.dataset.value
        if not name or name == self._chosen:
            return
        self._chosen = name
        try:
            there = await asyncio.to_thread(self._service.coverage, name)
        except CsservError as error:
            self.message.say("warning", sentence(error))
            return
        label, year = season_around(there.last)
        self.season.choose(label)
        self.year.value = year
        end = selectable_days(there)[1].isoformat()  # of the last step, not its beginning
        self.message.say("info", tr("Its data end on {day}.", day=local_date(end)))
        self.coverage = there

    def question(self) -> SeasonQuestion:
        """Return what the fields ask.

        Raises
        ------
        InvalidRequestError : a field is empty or wrong; says what is allowed
        """
        if self.area is None:
            raise InvalidRequestError(tr(NO_AREA))
        return SeasonQuestion(
            self.dataset.value,
            self.area,
            season_of(self.season.value, self.year.value, self.own.value),
            years_in(self.years.value) if self.years.value.strip() else True,
            self.forecast.value,
            self._members(),
        )

    def _members(self) -> dict[str, str]:
        """Ask for all members, levels and so on of a forecast that has several."""
        if not self.forecast.value:
            return {}
        further = self._service.coverage(self.forecast.value).further
        return {one.name: ALL for one in further if len(one.labels) > 1}

    async def _suggest(self, *events: Any) -> None:
        await self.load()

    def _show(self, *events: Any) -> None:
        is_own = self.season.value == OWN
        self.own.visible, self.year.visible = is_own, not is_own

    async def _ask(self, event: Any) -> None:
        if self.area is None:  # at once: a button that goes on within a moment may stay off
            self.message.say("warning", sentence(tr(NO_AREA)))
            return
        self.button.loading = True
        try:
            asked = await asyncio.to_thread(self._queue)
        except CsservError as error:
            self.message.say("warning", sentence(error))
        else:
            self.message.say("info", "")
            await self._asked(asked)
        finally:
            self.button.loading = False

    def _queue(self) -> AskedSeason:
        sender = {"client": self._client} if self._client else {}
        return queue_season(self._service, self.question(), **sender)
