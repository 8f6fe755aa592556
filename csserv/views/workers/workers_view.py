"""The view for admins: workers, key figures, failures, usage and disk."""

from __future__ import annotations

import asyncio
import html
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.errors import CsservError
from csserv.language import tr
from csserv.service import Service
from csserv.tasks.cluster.dask_pages import WebPages
from csserv.tasks.log.overview import FAILURE_DAYS
from csserv.views.parts.amounts import counted
from csserv.views.parts.cards import FigureCard, section
from csserv.views.parts.escaping import escaped
from csserv.views.workers.pool_view import PoolView
from csserv.views.workers.usage_chart import UsageChart
from csserv.views.workers.work_tables import disk_table, failure_table, table_pane, work_figures

#: time between two reads of the workers while the view is shown [ms]; figures are read once in
#: so many of them
REFRESH_INTERVAL, FIGURES_EVERY = 2000, 3

#: label → time span of usage [days]
SPANS = {"30 days": 30, "90 days": 90}


class WorkersView(pn.viewable.Viewer):
    """Shows workers and figures, which are read in threads while ``is_visible``.

    Parameters
    ----------
    link : address of the page of a task, without the id at its end
    """

    is_visible = param.Boolean(default=False)
    dark = param.Boolean(default=False)
    days = param.Selector(objects=SPANS, default=30)

    def __init__(
        self,
        service: Service,
        link: str = "?page=result&task=",
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._service = service
        self._link = link
        self._ticks: Any = None
        self._count = 0
        self._is_reading = False
        self.pool = PoolView(service, link)
        self._problem = pmui.Alert(
            object="", severity="warning", visible=False, sizing_mode="stretch_width", margin=8
        )
        self._cards: list[FigureCard] = []
        self._figures = pmui.FlexBox(gap="10px", sizing_mode="stretch_width", margin=8)
        self._failures, self._disk = table_pane(), table_pane()
        self.usage = UsageChart(dark=self.dark)
        self._web = table_pane(visible=False)
        self.param.watch(lambda event: setattr(self.usage, "dark", event.new), "dark")
        self.param.watch(self._visibility_changed, "is_visible")
        self.param.watch(self._read, "days")

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the view."""
        spans = pmui.RadioButtonGroup.from_param(
            self.param.days,
            label="",
            options={counted(days, "day"): days for days in SPANS.values()},
            description="",
            size="small",
            margin=(6, 12),
        )
        dask = pmui.Button(
            label=tr("Open dask's own dashboard"),
            icon="monitoring",
            size="small",
            variant="outlined",
            on_click=self._open_web,
            margin=(4, 12, 12, 12),
        )
        failures = tr("Failures of the last {days} days, by reason", days=FAILURE_DAYS)
        return pn.Column(
            self._problem,
            self._figures,
            section(tr("Workers"), self.pool, dask, self._web),
            section(failures, self._failures),
            section(tr("Usage by day and dataset"), spans, self.usage),
            section(tr("Results on the disk, by dataset"), self._disk),
            sizing_mode="stretch_width",
            margin=0,
        )

    async def refresh(self) -> None:
        """Read workers and figures again, unless that is going on."""
        if self._is_reading:
            return
        self._is_reading = True
        try:
            await self.pool.refresh()
            if self._count % FIGURES_EVERY == 0:
                await self._read()
            self._count += 1
        finally:
            self._is_reading = False

    async def _read(self, *events: Any) -> None:
        """Read the figures again."""
        overview = self._service.overview

        def read() -> Any:
            work, disk_use = overview.work(), overview.disk_use()
            return (
                work_figures(overview.queue(), work, disk_use),
                work,
                disk_use,
                overview.usage(self.days),
            )

        try:
            figures, work, disk_use, usage = await asyncio.to_thread(read)
        except CsservError as error:
            self._problem.param.update(object=escaped(error), visible=True)
            return
        self._problem.visible = False
        if not self._cards:
            self._cards = [FigureCard(one) for one in figures]
            self._figures[:] = self._cards
        for card, figure in zip(self._cards, figures, strict=True):
            card.show(figure)
        self._failures.object = failure_table(work.failures, FAILURE_DAYS, self._link)
        self._disk.object = disk_table(disk_use)
        self.usage.show(usage)

    def _visibility_changed(self, event: Any) -> None:
        if event.new and self._ticks is None:
            self._count = 0
            self._ticks = pn.state.add_periodic_callback(self._tick, period=REFRESH_INTERVAL)
        elif not event.new and self._ticks is not None:
            self._ticks.stop()
            self._ticks = None

    def _tick(self) -> None:
        # not awaited here: the document would be locked while the workers are read
        pn.state.execute(self.refresh)

    async def _open_web(self, event: Any) -> None:
        try:
            pages = await asyncio.to_thread(self._service.pool.web_pages)
        except CsservError as error:
            self._web.param.update(object=f"<p>{html.escape(str(error))}</p>", visible=True)
        else:
            self._web.param.update(object=web_text(pages), visible=True)


def web_text(pages: WebPages) -> str:
    """Write the address of dask's dashboard as HTML."""
    address = html.escape(pages.address, quote=True)
    port = address.rpartition(":")[2].partition("/")[0]
    private = (
        " It listens on the server's own machine only: open it in a browser there, or bring it to "
        f"yours with <code>ssh -L {port}:127.0.0.1:{port} …</code> first."
    )
    return (
        f"<p><a href='{address}' target='_blank' rel='noopener'>{address}</a>."
        f"{private if pages.is_private else ''}</p>"
    )
