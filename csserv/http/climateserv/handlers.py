"""The Tornado handler of ClimateSERV's API: parses a call, runs a method, writes its reply."""

from __future__ import annotations

import asyncio
import json
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csserv.access import Caller, Role, check_allowed
from csserv.errors import InvalidRequestError
from csserv.http.climateserv import answer, info, monthly, submitting
from csserv.http.climateserv.call import Call, Parameters, Reply, quoted
from csserv.http.climateserv.percent import MonotonicProgress
from csserv.http.file_sender import FileSender
from csserv.http.server_context import ServerContext
from csserv.problem import Problem

#: names allowed for a JSONP callback: any other text could write a page of its own
CALLBACK = re.compile(r"[A-Za-z_$][\w$.]*", re.ASCII)

#: escaped in JSON, where they stand in texts only: it is served as HTML, and must hold no tag
ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


@dataclass(frozen=True)
class Method:
    """A method of the API.

    Attributes
    ----------
    run : makes the reply
    error_value : makes the reply to an error from its text
    role : the least role of a caller
    """

    run: Callable[[Call], Reply]
    error_value: Callable[[str], Any] = lambda text: {"errMsg": text}
    role: Role = Role.READER


def _listed(text: str) -> Any:
    return [text]


#: name in the address → method
METHODS = {
    "submitDataRequest": Method(submitting.submit, _listed, Role.SUBMITTER),
    "getDataRequestProgress": Method(answer.progress),
    "getDataFromRequest": Method(answer.data),
    "getFileForJobID": Method(answer.file, lambda text: {"msg": text, "fileProgress": "-1.0"}),
    "getParameterTypes": Method(info.parameter_types),
    "getFeatureLayers": Method(info.feature_layers),
    "get_aoi_area": Method(info.aoi_area),
    "getClimateScenarioInfo": Method(info.scenarios),
    "getCapabilitiesForDataset": Method(info.capabilities),
    "submitMonthlyRainfallAnalysisRequest": Method(monthly.submit, _listed, Role.SUBMITTER),
}

#: the methods that scriptAccess calls by ``cmd``
SCRIPT_METHODS = tuple(METHODS)[:4]

SCRIPT = "scriptAccess"

#: the method that is never refused for being called too often
PROGRESS = "getDataRequestProgress"

#: how long a call waits at most when there are too many [s]
LONGEST_WAIT = 20.0

Route = tuple[str, type[FileSender], dict[str, Any]]


class ClimateservHandler(FileSender):
    """Serves all methods, each under its name, and some by ``scriptAccess`` with a token."""

    def initialize(self, context: ServerContext, progress: MonotonicProgress) -> None:  # type: ignore[override]  # tornado gives each route arguments of its own
        """Take the state that all handlers share, and the progress reported so far."""
        super().initialize(context)
        self._progress = progress
        self._callback = ""
        self._error_value: Callable[[str], Any] = Method.error_value

    def set_default_headers(self) -> None:
        """Let pages of all sites read the answers: the data are public, cookies are not used."""
        super().set_default_headers()
        self.set_header("Access-Control-Allow-Origin", "*")

    async def prepare(self) -> None:
        """Choose how the method answers errors, before any occurs."""
        for given in self.request.query_arguments.get("callback", [])[-1:]:
            name = given.decode(errors="replace").strip()
            self._callback = name if CALLBACK.fullmatch(name) else ""
        if method := METHODS.get(self.path_kwargs["name"]):
            self._error_value = method.error_value
        await super().prepare()

    @property
    def route(self) -> str:
        """The method that is called, under whichever of the base paths."""
        return f"/api/{self.path_kwargs.get('name', '')}"

    async def identify(self) -> Caller:
        """Return the caller; the token of ``scriptAccess`` is checked later."""
        name = self.path_kwargs["name"]
        if name == SCRIPT:
            return Caller(str(self.request.remote_ip), Role.READER)
        return await super().identify()

    async def limit_rate(self, client: str) -> None:
        """Let a client that asks too often wait: the programs of ClimateSERV take no refusal.

        They ask for progress without a pause, several of them behind one address of an office.
        """
        method = self.request.query_arguments.get("cmd", [b""])[-1].decode(errors="replace")
        asks_progress = PROGRESS in (self.path_kwargs["name"], method)
        limit = self.context.progress_limit if asks_progress else self.context.rate_limit
        wait = limit.reserve(client, LONGEST_WAIT)
        if wait > LONGEST_WAIT and not asks_progress:
            limit.check(client)
        await asyncio.sleep(min(wait, LONGEST_WAIT))

    async def get(self, name: str) -> None:  # type: ignore[override]  # a name, no path
        """Call the method and answer with its reply."""
        given = Parameters.read(self.request, bytes(self._body))
        callback = given.get("callback", "")
        if callback and not CALLBACK.fullmatch(callback):
            raise InvalidRequestError(f"callback is {quoted(callback)}; write a name, such as f")
        self._callback = callback
        method = METHODS[name] if name in METHODS else await self._method_of_script(given)
        self._error_value = method.error_value
        caller = check_allowed(self.caller, method.role)
        call = Call(self.context.service, caller, given, self._progress, self.request_id)
        run = self.context.run_write if method.role is Role.SUBMITTER else self.context.run_read
        await self._answer(await run(method.run, call))

    head = post = get  # type: ignore[assignment]  # see get()

    async def _method_of_script(self, given: Parameters) -> Method:
        """Check the token of ``scriptAccess``; return the method that ``cmd`` names."""
        self.context.check_script_token(given.get("t", ""))
        self.caller = Caller(str(self.request.remote_ip), Role.SUBMITTER)
        if (name := given.get("cmd", "")) not in SCRIPT_METHODS:
            raise InvalidRequestError(
                f"cmd is {quoted(name)}; allowed are {', '.join(SCRIPT_METHODS)}"
            )
        return METHODS[name]

    async def _answer(self, reply: Reply) -> None:
        if reply.link:
            self.set_header("Link", f'<{reply.link}>; rel="alternate"; type="application/json"')
        if reply.content is not None and reply.file:
            await self._send_text(reply.content, reply.file, reply.name)
        elif reply.file:
            await self.send(reply.file)
        else:
            text = await self.context.run_read(_encoded, reply.value)
            self._start(reply.status)
            await self.finish_text(self._called_back(text).encode())

    async def _send_text(self, content: bytes, source: Path, name: str) -> None:
        """Send a text as a file with the time of the file that it was made of."""
        with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
            file = Path(folder) / name
            file.write_bytes(content)
            stamp = source.stat().st_mtime_ns
            os.utime(file, ns=(stamp, stamp))
            await self.send(file)

    def _start(self, status: int) -> None:
        # a browser runs no script that comes with an error
        self.set_status(200 if self._callback else status)
        self.set_header("Content-Type", "application/javascript" if self._callback else "text/html")
        self.set_header("Cache-Control", "no-store")

    def _called_back(self, text: str) -> str:
        return f"{self._callback}({text})" if self._callback else text

    def write_error(self, status_code: int, **info: Any) -> None:
        """Answer an error; those the caller can mend have status 400, as old programs expect."""
        error = info.get("exc_info", (None, None, None))[1]
        if isinstance(error, InvalidRequestError) and self._is_admitted:
            self.send_problem(Problem(400, str(error)))
        else:
            super().write_error(status_code, **info)

    def write_problem(self, problem: Problem) -> None:
        """Write a problem in the form of the method that was called."""
        self._start(problem.status)
        self.finish(self._called_back(_encoded(self._error_value(problem.detail))))


def _encoded(value: Any) -> str:
    text = json.dumps(value, allow_nan=False)
    for letter, escaped in ESCAPED.items():
        text = text.replace(letter, escaped)
    return text


def routes(context: ServerContext) -> list[Route]:
    """Return the routes of the API, below its three base paths."""
    shared = {"context": context, "progress": MonotonicProgress()}
    names = "|".join(METHODS)
    return [
        (rf"/(?:api|chirps|chirps/{SCRIPT})/(?P<name>{names})/?", ClimateservHandler, shared),
        (rf"/(?:api|chirps)/(?P<name>{SCRIPT})/?", ClimateservHandler, shared),
    ]
