"""The page of a task without scripts, ``/r/TASK``, and the picture of its chart beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tornado.web import HTTPError

from csserv.http.handler import Handler
from csserv.http.native.endpoint import BASE
from csserv.http.native.streams import checked_id
from csserv.http.plain.plain_handler import PlainPage
from csserv.http.server_context import ServerContext
from csserv.language import current_language, known_languages, mark, tr
from csserv.tasks.log.task import Task, TaskState
from csserv.views.plain.plain_page import Address, chart_file, result_page, task_page
from csserv.views.report.report_formats import available_formats

#: label of a download → what follows the address of the API's result
CONVERTED = {"CSV": "?format=csv", "Excel": "?format=xlsx", "NetCDF": "?format=netcdf", "JSON": ""}

#: ending of the file of a chart → its media type, and what its download is called
CHARTS = {
    ".png": ("image/png", mark("Chart (PNG)")),
    ".svg": ("image/svg+xml", mark("Chart (SVG)")),
}


class PlainResult(PlainPage):
    """The page of a task."""

    address = "/r/{id}"

    async def get(self, **path: str) -> None:
        """Send the result of a task, how far it is, or why there is none."""
        task_id = checked_id(path["id"])
        text, is_whole = await self.read_spoken(self._text, task_id)
        self._set_headers(
            "text/html; charset=utf-8", "private, no-cache" if is_whole else "no-store"
        )
        for link in self._other_languages(task_id):
            self.add_header("Link", link)
        await self.finish_text(text)

    head = get

    def _text(self, task_id: str) -> tuple[bytes, bool]:
        """Return the page, and whether it stays as it is."""
        task = self.context.service.task(task_id)
        where = self._where(task)
        if task.state is not TaskState.SUCCEEDED:
            return self._clean(task_page(task, where, self.chosen)), False
        result, chosen = self.context.service.result(task, wait=False), self.chosen
        key = ("plain page", task_id, chosen, where.page, where.dashboard, current_language())
        text = self.context.kept_texts.get(
            key, lambda: self._clean(result_page(task, result, chosen, where))
        )
        return text, True

    def _where(self, task: Task) -> Address:
        """Return the addresses of a page; those that it leads to are relative to it."""
        api = f"..{BASE}/tasks/{task.id}"
        files = {label: f"{api}/result{query}" for label, query in CONVERTED.items()}
        names = self.context.service.file_names(task)
        zips = [one for one in names if one.endswith(".zip")]
        files |= {tr("Cells ({kind})", kind=one[-3:]): f"{api}/files/{one}" for one in zips}
        drawn = {
            label: f"{task.id}/chart{ending}{self.chosen.query()}"
            for ending, (_, label) in CHARTS.items()
        }
        own = f"{self.request.protocol}://{self.request.host}/r/{task.id}"
        # the plugin of a dashboard's server; a server of the API alone has none
        has_dashboard = hasattr(self.application, "websocket_origins")
        page = f"../app?page=result&task={task.id}" if has_dashboard else ""
        reports = {
            tr("Report ({kind})", kind=tr(name)): f"{task.id}/report.{ending}{self.chosen.query()}"
            for ending, name in available_formats().items()
        }
        return Address(own, reports | files | drawn, page)

    def _other_languages(self, task_id: str) -> Iterator[str]:
        """Yield the page in each language, as search engines and browsers read it of a header."""
        for code in known_languages():
            where = f"/r/{task_id}{self.chosen.query(lang=code)}"
            yield f'<{where}>; rel="alternate"; hreflang="{code}"'

    def _clean(self, text: str) -> bytes:
        return self.context.without_paths(text).encode()


class PlainChart(PlainPage):
    """The chart of a result as a picture: PNG for the previews of links, and SVG."""

    address = "/r/{id}/{name}"

    async def get(self, **path: str) -> None:
        """Send the picture; the page is where an address with a slash at its end leads to."""
        if not path["name"]:
            query = f"?{self.request.query}" if self.request.query else ""
            self.redirect(f"../{checked_id(path['id'])}{query}")
            return
        known = {f"chart{ending}": ending for ending in CHARTS}
        if (name := path["name"]) not in known:
            reports = (f"report.{one}" for one in available_formats())
            there = ", ".join([*known, *reports])
            raise HTTPError(404, f"there is no {name[:40]}; there are {there}")
        ending = known[name]
        content = await self.read_spoken(self._content, checked_id(path["id"]), ending)
        self._set_headers(CHARTS[ending][0], "private, no-cache")
        self.finish(content)

    head = get

    def _content(self, task_id: str, ending: str) -> bytes:
        service, chosen = self.context.service, self.chosen
        result = service.result(service.task(task_id), wait=False)
        key = ("plain chart", task_id, chosen, ending, current_language())
        return self.context.kept_texts.get(key, lambda: chart_file(result, chosen, ending))


def routes(context: ServerContext) -> list[tuple[str, type[Handler], dict[str, Any]]]:
    """Return the routes of the pages."""
    shared = {"context": context}
    return [
        ("/r/(?P<id>[^/]+)", PlainResult, shared),
        ("/r/(?P<id>[^/]+)/(?P<name>[^/]*)", PlainChart, shared),
    ]
