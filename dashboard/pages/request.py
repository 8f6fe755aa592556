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
from csserv.language import tr
from csserv.request import Request
from csserv.tasks.log.task import Task
from csserv.views.address.area_words import area_words, read_area
from csserv.views.address.asked_query import AskedQuery, read_query, write_query
from csserv.views.address.fitting import fill_fields, misfits, query_of
from csserv.views.area.area_map import AreaMap
from csserv.views.area.place_lookup import describe
from csserv.views.area.place_picker import PlacePicker
from csserv.views.parts.cards import section
from csserv.views.parts.html_parts import Fold
from csserv.views.request.address_notice import TOO_LONG, AddressNotice
from csserv.views.request.request_code import as_climateserv, as_curl, as_python
from csserv.views.request.request_form import RequestForm

from ..page import DashboardPage
from ..session import Session

#: height of the map [pixels]
MAP_HEIGHT = 640

#: the form stands beside the map where there is room
SIDES = """
:host { align-items: start; display: grid; grid-template-columns: minmax(0, 1fr); }
@media (min-width: 900px) { :host { grid-template-columns: minmax(0, 7fr) minmax(0, 5fr); } }
@media (min-width: 1200px) { :host { grid-template-columns: minmax(0, 2fr) minmax(0, 1fr); } }
"""

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
        self._address: AskedQuery | None = None  # what an address asks, until it is filled in
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
        """Fill in what an address asks, and say what of it cannot be had."""
        service, form = self._session.shared.service, self.form
        problems = [*asked.problems, *fill_fields(asked, form.fields, service.catalog)]
        await form.load()
        area, lost = await asyncio.to_thread(read_area, asked.areas, service.layers, service.limits)
        problems += lost
        if form.coverage is not None:
            problems += misfits(asked, form.fields, form.coverage)
        self.map.multiple = area is not None and len(area.zones) > 1
        self.map.choose(area)
        self.notice.tell(tuple(problems), asked.submits)
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
        if asked := query_of(self.form.fields, words or ()):
            self._session.address_bar.stay(write_query(asked))
        self._session.name_tab()

    async def _write(self, event: Any) -> None:
        """Show the request as Python, curl and ClimateSERV call."""
        request: Request | None = event.new
        if request is None:
            self._calls[:] = []
            return
        written = await asyncio.to_thread(self._written, request)
        self._calls[:] = [pmui.Tabs(*written, sizing_mode="stretch_width", margin=0, dynamic=True)]

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
        # few nested layouts: each takes the browser some 10 ms
        area_map = section("", *self.map.parts, height=MAP_HEIGHT)
        calls = Fold(tr("Show as Python, curl, ClimateSERV call or link"), self._calls, margin=8)
        area = section(tr("1 · Where"), *self.places.parts, css_classes=["padded"])
        form = section(tr("2 · What and when"), *self.form.parts, css_classes=["padded"])
        right = pn.Column(area, form, calls, sizing_mode="stretch_width", margin=0)
        sides = {"sizing_mode": "stretch_width", "margin": 0, "stylesheets": [SIDES]}
        # a column of its own, as a page is hidden by its display style
        return pn.Column(
            self.notice,
            pn.Column(area_map, right, **sides),
            sizing_mode="stretch_width",
            margin=0,
        )


def _code(text: str) -> pn.viewable.Viewable:
    """Show code, with a button that copies it."""
    copy = pmui.Button(
        label=tr("Copy"), icon="content_copy", size="small", variant="outlined", margin=(4, 8)
    )
    copy.js_on_click(args={"text": text}, code="navigator.clipboard.writeText(text)")
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
