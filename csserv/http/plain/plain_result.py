"""The page of a task without scripts, ``/r/TASK``, and the picture of its chart beside it."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from tornado.web import HTTPError

from csserv.access import Caller
from csserv.errors import AccessDeniedError, InvalidRequestError
from csserv.http.handler import Handler
from csserv.http.native.endpoint import BASE
from csserv.http.native.streams import checked_id
from csserv.http.server_context import ServerContext
from csserv.problem import Problem
from csserv.tasks.log.task import Task, TaskState
from csserv.views.plain.plain_page import (
    Address,
    Chosen,
    chart_file,
    page_style,
    problem_page,
    result_page,
    task_page,
)
from csserv.views.plain.svg_text import svg_style
from csserv.views.report.report_formats import available_formats

#: label of a download → what follows the address of the API's result
CONVERTED = {"CSV": "?format=csv", "Excel": "?format=xlsx", "NetCDF": "?format=netcdf", "JSON": ""}

#: ending of the file of a chart → its media type, and what its download is called
CHARTS = {".png": ("image/png", "Chart (PNG)"), ".svg": ("image/svg+xml", "Chart (SVG)")}

#: status of a problem → heading of its page; of others, the last
HEADINGS = {401: "Please log in", 403: "Not for you", 404: "There is no such result"}


class PlainPage(Handler):
    """What the page and its picture have in common: who may look, and what of a result is asked."""

    async def identify(self) -> Caller:
        """Return who asks: whoever may read results by the API, or open the Result page."""
        try:
            return await super().identify()
        except AccessDeniedError:
            if "Authorization" in self.request.headers:
                raise
            return self.context.browser_auth.identify(self.request)

    @property
    def chosen(self) -> Chosen:
        """Which part of the result is asked for.

        Raises
        ------
        InvalidRequestError : the number of the series is none
        """
        given = self.get_query_argument("series", None)
        operation = self.get_query_argument("operation", None)
        if given is None:
            return Chosen(operation)
        if not (given.isascii() and given.isdigit() and len(given) < 10):
            raise InvalidRequestError(f"series={given[:40]}: give the number of a series, from 0")
        return Chosen(operation, int(given))

    def write_problem(self, problem: Problem) -> None:
        """Answer with a page; who has to log in is sent to the login."""
        if problem.status == 401 and self._can_log_in():
            self.redirect(f"../sign-in?{urlencode({'next': self.request.uri or ''})}")
            return
        heading = HEADINGS.get(problem.status, "There is nothing to show")
        self._set_headers("text/html; charset=utf-8", "no-store")
        self.finish(problem_page(heading, problem.detail, Address("", {})))

    def _can_log_in(self) -> bool:
        """Whether a login would help: not where a token is wrong, or a user has no role."""
        auth, login = self.context.browser_auth, self.context.settings.login
        return (
            login != "none"
            and "Authorization" not in self.request.headers
            and auth.oauth_name(self.request) is None
        )

    def _set_headers(self, media: str, cache: str) -> None:
        self.set_header("Content-Type", media)
        self.set_header("Cache-Control", cache)
        self.set_header("Content-Security-Policy", content_policy())


class PlainResult(PlainPage):
    """The page of a task."""

    address = "/r/{id}"

    async def get(self, **path: str) -> None:
        """Send the result of a task, how far it is, or why there is none."""
        task_id = checked_id(path["id"])
        text, is_whole = await self.context.run_read(self._text, task_id)
        self._set_headers(
            "text/html; charset=utf-8", "private, no-cache" if is_whole else "no-store"
        )
        await self.finish_text(text)

    head = get

    def _text(self, task_id: str) -> tuple[bytes, bool]:
        """Return the page, and whether it stays as it is."""
        task = self.context.service.task(task_id)
        where = self._where(task)
        if task.state is not TaskState.SUCCEEDED:
            return self._clean(task_page(task, where)), False
        result, chosen = self.context.service.result(task, wait=False), self.chosen
        key = ("plain page", task_id, chosen, where.page, where.dashboard)
        text = self.context.kept_texts.get(
            key, lambda: self._clean(result_page(task, result, chosen, where))
        )
        return text, True

    def _where(self, task: Task) -> Address:
        """Return the addresses of a page; those that it leads to are relative to it."""
        api = f"..{BASE}/tasks/{task.id}"
        files = {label: f"{api}/result{query}" for label, query in CONVERTED.items()}
        names = self.context.service.file_names(task)
        files |= {f"Cells ({one[-3:]})": f"{api}/files/{one}" for one in names if _is_zip(one)}
        drawn = {
            label: f"{task.id}/chart{ending}{self.chosen.query()}"
            for ending, (_, label) in CHARTS.items()
        }
        own = f"{self.request.protocol}://{self.request.host}/r/{task.id}"
        # the plugin of a dashboard's server; a server of the API alone has none
        has_dashboard = hasattr(self.application, "websocket_origins")
        page = f"../app?page=result&task={task.id}" if has_dashboard else ""
        reports = {
            f"Report ({name})": f"{task.id}/report.{ending}{self.chosen.query()}"
            for ending, name in available_formats().items()
        }
        return Address(own, reports | files | drawn, page)

    def _clean(self, text: str) -> bytes:
        return self.context.without_paths(text).encode()


class PlainChart(PlainPage):
    """The chart of a result as a picture: PNG for the previews of links, and SVG."""

    address = "/r/{id}/{name}"

    async def get(self, **path: str) -> None:
        """Send the picture."""
        known = {f"chart{ending}": ending for ending in CHARTS}
        if (name := path["name"]) not in known:
            raise HTTPError(404, f"there is no {name[:40]}; there are {', '.join(known)}")
        ending = known[name]
        content = await self.context.run_read(self._content, checked_id(path["id"]), ending)
        self._set_headers(CHARTS[ending][0], "private, no-cache")
        self.finish(content)

    head = get

    def _content(self, task_id: str, ending: str) -> bytes:
        service, chosen = self.context.service, self.chosen
        result = service.result(service.task(task_id), wait=False)
        return self.context.kept_texts.get(
            ("plain chart", task_id, chosen, ending), lambda: chart_file(result, chosen, ending)
        )


def routes(context: ServerContext) -> list[tuple[str, type[Handler], dict[str, Any]]]:
    """Return the routes of the pages."""
    shared = {"context": context}
    return [
        ("/r/(?P<id>[^/]+)", PlainResult, shared),
        ("/r/(?P<id>[^/]+)/(?P<name>[^/]+)", PlainChart, shared),
    ]


def _is_zip(name: str) -> bool:
    return name.endswith(".zip")


@lru_cache(maxsize=1)
def content_policy() -> str:
    """Return what the page may load: its own style sheet, and pictures of this server."""
    styles = " ".join(f"'sha256-{_hash(text)}'" for text in (page_style(), svg_style()))
    return (
        f"default-src 'none'; style-src {styles}; img-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
