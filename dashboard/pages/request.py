"""The Request page: a map, other ways to choose an area, and the form of a request."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.catalog import Coverage
from csserv.errors import CsservError, InvalidRequestError
from csserv.language import from_to, tr
from csserv.request import Area, Request
from csserv.tasks.log.task import Task
from csserv.views.address.area_words import area_words, read_area
from csserv.views.address.asked_query import AskedQuery, read_query, write_query
from csserv.views.address.fitting import fill_fields, misfits, query_of
from csserv.views.area.area_map import AreaMap
from csserv.views.area.place_lookup import describe
from csserv.views.area.place_picker import PlacePicker
from csserv.views.favourites.request_favourites import RequestFavourites
from csserv.views.parts.copying import copy_button
from csserv.views.parts.html_parts import Fold, paragraph, text_to_html
from csserv.views.request.address_notice import TOO_LONG, AddressNotice
from csserv.views.request.request_code import as_climateserv, as_curl, as_python
from csserv.views.request.request_form import RequestForm
from csserv.views.request.request_steps import RequestSteps

from ..page import OWN_HEIGHT, DashboardPage
from ..session import Session

#: address of the outlines of countries, relative to the page; served by ``csserv.http``
OUTLINES = "world.json"

#: and that of lakes, rivers and towns
PLACES = "places.json"


class RequestPage(DashboardPage):
    """Lets a visitor choose an area, fill in a request and submit it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        service = session.shared.service
        self.map = AreaMap(
            service.layers,
            service.settings.tiles,
            outlines=OUTLINES,
            places=PLACES,
            dark=session.dark,
        )
        self.places = PlacePicker(service, self.map)
        self.form = RequestForm(service, session.shared.datasets(), session.client)
        self.notice = AddressNotice(self.form.button)
        self.favourites = RequestFavourites(
            service, self.form, self.map, self.fill, session.favourites
        )
        self._address: AskedQuery | None = None  # what an address asks, until it is filled in
        self.summary = paragraph("")
        self._calls = pn.Column(sizing_mode="stretch_width", margin=0)
        session.param.watch(lambda event: setattr(self.map, "dark", event.new), "dark")
        self.map.param.watch(lambda event: setattr(self.form, "area", event.new), "area")
        self.form.param.watch(self._extent, "coverage")
        self.form.param.watch(self._write, "request")
        self.form.param.watch(self._write_address, "checked")
        self.form.param.watch(self._submitted, "submitted")
        self.view = self._layout()

    def read(self) -> None:
        """Read the coverage of the chosen dataset ahead, if that is possible."""
        if name := self.form.fields.dataset.value:
            with suppress(CsservError):
                self._session.shared.service.coverage(name)

    @property
    def subject(self) -> str:
        """The area that is chosen."""
        return describe(self.map.area) if self.map.area else ""

    @property
    def fills_late(self) -> bool:
        """Whether an address is to be filled in."""
        return self._address is not None

    def take_address(self, query: Mapping[str, Sequence[str]]) -> None:
        """Fill the fields with what an address asks, if it asks anything."""
        asked = read_query(query)
        if not asked.is_empty:
            self._address = asked

    async def show(self, task_id: str) -> None:
        """Fill in what the address asks; else load the coverage of the dataset, the first time."""
        if self._address is not None:
            await self._take(self._address)
        elif self.form.coverage is None:
            await self.form.load()
        else:
            await self._write_address()

    async def _take(self, asked: AskedQuery) -> None:
        """Fill in what an address asks."""
        service = self._session.shared.service
        area, lost = await asyncio.to_thread(read_area, asked.areas, service.layers, service.limits)
        await self.fill(asked, area, lost)

    async def fill(self, asked: AskedQuery, area: Area | None, lost: tuple[str, ...]) -> None:
        """Fill in what is asked, and say what of it cannot be had."""
        self._address = asked  # nothing is written into the address meanwhile
        form = self.form
        found = fill_fields(asked, form.fields, self._session.shared.service.catalog)
        await form.load()
        problems = [*asked.problems, *found, *lost]
        if form.coverage is not None:
            problems += misfits(asked, form.fields, form.coverage)
        self.map.multiple = area is not None and len(area.zones) > 1
        self.map.choose(area)
        self.notice.tell(tuple(problems), asked.submits)
        if area is not None:
            self.steps.bar.step = "check"
        self._address = None
        await self._write_address()

    async def fill_in(self, task: Task) -> None:
        """Fill the form and the map with the request of a task."""
        self.form.fields.fill_in(task)
        area = await asyncio.to_thread(self._session.shared.service.task_area, task)
        self.map.multiple = len(area.zones) > 1
        self.map.choose(area)
        self.notice.tell()

    async def choose_dataset(self, dataset: str) -> None:
        """Choose a dataset."""
        self.form.fields.dataset.value = dataset

    def _extent(self, event: Any) -> None:
        there: Coverage | None = event.new
        self.map.extent = there.bounds if there else None
        if there and self.map.area is None:
            self.map.canvas.zoom_to(there.bounds)

    async def _submitted(self, event: Any) -> None:
        self.notice.tell()
        await self._session.open_page("result", event.new.id)

    async def _write_address(self, *events: Any) -> None:
        """Put what the form asks into the address, while it is shown."""
        if self._address is not None:
            return
        area, layers = self.map.area, self._session.shared.service.layers
        words = await asyncio.to_thread(area_words, area, layers)
        if self._session.current != "request" or area is not self.map.area:
            return
        self.notice.tell_area(is_too_long=words is None)
        self.summary.object = text_to_html(self._summary())
        if asked := query_of(self.form.fields, words or ()):
            self._session.address_bar.stay(write_query(asked))
        self._session.name_tab()

    def _summary(self) -> str:
        """Say what is chosen: dataset, statistic, area, period."""
        fields = self.form.fields
        start, end = fields.period.start, fields.period.end
        chosen = (
            (tr("Dataset"), fields.dataset.text),
            (tr("Statistic over the area"), fields.operations_text),
            (tr("Area"), describe(self.map.area)),
            (tr("Period"), from_to(f"{start}/{end}") if start and end else "…"),
            (tr("Time step"), fields.time_step.text),
        )
        return "\n".join(f"{name}: **{value}**" for name, value in chosen)

    async def _write(self, event: Any) -> None:
        """Show the request as Python, curl and ClimateSERV call."""
        request: Request | None = event.new
        if request is None:
            self._calls[:] = []
            return
        written = await asyncio.to_thread(self._written, request)
        self._calls[:] = [pmui.Tabs(*written, sizing_mode="stretch_width", margin=0)]

    def _written(self, request: Request) -> list[tuple[str, pn.viewable.Viewable]]:
        service = self._session.shared.service
        server = _address()
        texts = {
            "Python": as_python(request, service.layers),
            "curl": as_curl(request, service.layers, server),
        }
        try:
            texts["ClimateSERV"] = as_climateserv(request, service.catalog, service.layers, server)
        except InvalidRequestError as error:
            texts["ClimateSERV"] = f"{error}\n"
        texts[tr("Link")] = self._link()
        return [(name, _code(text)) for name, text in texts.items()]

    def _link(self) -> str:
        """Write the address of the form as it is; it asks whoever opens it to submit."""
        words = area_words(self.map.area, self._session.shared.service.layers)
        asked = query_of(self.form.fields, words or ())
        location = pn.state.location
        if asked is None or words is None or location is None:
            return f"{tr(TOO_LONG)}\n"
        return f"{_address()}{location.pathname}{write_query(asked)}&submit=1\n"

    def _layout(self) -> pn.viewable.Viewable:
        form = self.form
        calls = Fold(tr("Show as Python, curl, ClimateSERV call or link"), self._calls)
        areas = Fold(tr("Saved areas"), self.favourites.areas)
        asked_before = Fold(
            tr("Favourite questions"),
            self.favourites.questions,
            css_classes=["favourites"],
            margin=(0, 0, 12, 0),
        )
        fields = {
            "what": form.what,
            "where": (*self.places.parts, areas),
            "when": form.when,
            "check": (self.summary, calls),
        }
        above = (self.notice, asked_before)
        self.steps = RequestSteps(self.map.parts, fields, above, form.ending)
        # a column of its own, as a page is hidden by its display style; the steps know their height
        styles = OWN_HEIGHT | {"min-height": "0"}
        return pn.Column(self.steps, sizing_mode="stretch_width", margin=0, styles=styles)


def _code(text: str) -> pn.viewable.Viewable:
    """Show code, with a button that copies it."""
    copy = copy_button(tr("Copy"), text, margin=(4, 8))
    shown = text if len(text) < 3000 else f"{text[:3000]}…\n"
    code = pn.pane.Str(
        shown,
        sizing_mode="stretch_width",
        margin=(4, 8),
        styles={"overflow-x": "auto", "font-size": "12px", "max-height": "320px"},
    )
    return pn.Column(code, copy, sizing_mode="stretch_width", margin=0)


def _address() -> str:
    location = pn.state.location
    return f"{location.protocol}//{location.hostname}:{location.port}" if location else ""
