"""Tornado handlers of ClimateSERV's API: they parse, call a method, and write its answer."""

from __future__ import annotations

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
from csserv.http.climateserv import answer, ask, info, monthly
from csserv.http.climateserv.call import Call, Parameters, Reply, shown
from csserv.http.climateserv.percent import Highest
from csserv.http.front import Front
from csserv.http.sending import Sender
from csserv.problem import Problem

#: what may stand before the parentheses: anything else is a way to write a page of one's own
CALLBACK = re.compile(r"[A-Za-z_$][\w$.]*", re.ASCII)

#: in JSON these stand in texts only; the answer is served as HTML, so no text may become a tag
ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


@dataclass(frozen=True)
class Method:
    """A method of the API.

    Attributes
    ----------
    refusal : writes an error
    role : what the caller must at least be
    """

    run: Callable[[Call], Reply]
    refusal: Callable[[str], Any] = lambda text: {"errMsg": text}
    role: Role = Role.READER


def _listed(text: str) -> Any:
    return [text]


#: name → method
METHODS = {
    "submitDataRequest": Method(ask.submit, _listed, Role.SUBMITTER),
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
BY_SCRIPT = tuple(METHODS)[:4]

SCRIPT = "scriptAccess"

Route = tuple[str, type[Sender], dict[str, Any]]


class Legacy(Sender):
    """Serves the methods; one that scriptAccess calls once it has shown its token."""

    def initialize(self, front: Front, highest: Highest) -> None:  # type: ignore[override]  # tornado gives each route arguments of its own
        """Take over what all requests share."""
        super().initialize(front)
        self._highest = highest
        self._callback = ""
        self._refusal: Callable[[str], Any] = Method.refusal

    def set_default_headers(self) -> None:
        """Let pages of all sites read: the data are public, and no cookie says who asks."""
        super().set_default_headers()
        self.set_header("Access-Control-Allow-Origin", "*")

    async def prepare(self) -> None:
        """Refuse as the method does."""
        if method := METHODS.get(self.path_kwargs["name"]):
            self._refusal = method.refusal
        await super().prepare()

    async def identify(self) -> Caller:
        """Find out who asks; where a script must show its token, that comes later."""
        name = self.path_kwargs["name"]
        if self.request.method == "OPTIONS" or name == SCRIPT:
            return Caller(str(self.request.remote_ip), Role.READER)
        return await super().identify()

    async def get(self, name: str) -> None:  # type: ignore[override]  # a name, no path
        """Serve."""
        given = Parameters.read(self.request, bytes(self._body))
        callback = given.get("callback", "")
        if callback and not CALLBACK.fullmatch(callback):
            raise InvalidRequestError(f"callback is {shown(callback)}; write a name, such as f")
        self._callback = callback
        method = METHODS[name] if name in METHODS else await self._scripted(given)
        self._refusal = method.refusal
        caller = check_allowed(self.caller, method.role)
        call = Call(self.front.service, caller, given, self._highest)
        run = self.front.change if method.role is Role.SUBMITTER else self.front.run
        await self._answer(await run(method.run, call))

    head = post = get  # type: ignore[assignment]  # see get()

    def options(self, name: str) -> None:
        """Tell pages of other sites what they may do."""
        self.set_header("Access-Control-Allow-Methods", "GET, POST")
        self.set_header("Access-Control-Allow-Headers", "Content-Type")
        self.set_status(204)
        self.finish()

    async def _scripted(self, given: Parameters) -> Method:
        """Find the method that a script calls, if it shows the token of the settings."""
        await self.front.check_script(self.request, given.get("t", ""))
        self.caller = Caller(str(self.request.remote_ip), Role.SUBMITTER)
        if (name := given.get("cmd", "")) not in BY_SCRIPT:
            raise InvalidRequestError(f"cmd is {shown(name)}; allowed are {', '.join(BY_SCRIPT)}")
        return METHODS[name]

    async def _answer(self, reply: Reply) -> None:
        if reply.link:
            self.set_header("Link", f'<{reply.link}>; rel="alternate"; type="application/json"')
        if reply.content is not None and reply.file:
            await self._send_text(reply.content, reply.file, reply.name)
        elif reply.file:
            await self.send(reply.file)
        else:
            self._write(await self.front.run(_encoded, reply.value), reply.status)

    async def _send_text(self, content: bytes, source: Path, name: str) -> None:
        """Send a text as a file that is as old as what it was made of."""
        with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
            file = Path(folder) / name
            file.write_bytes(content)
            stamp = source.stat().st_mtime_ns
            os.utime(file, ns=(stamp, stamp))
            await self.send(file)

    def _write(self, text: str, status: int) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/javascript" if self._callback else "text/html")
        self.set_header("Cache-Control", "no-store")
        self.finish(f"{self._callback}({text})" if self._callback else text)

    def write_error(self, status_code: int, **info: Any) -> None:
        """Tell an error; whatever the caller can mend is a 400, as old programs expect."""
        error = info.get("exc_info", (None, None, None))[1]
        if isinstance(error, InvalidRequestError) and self._is_admitted:
            self.tell(Problem(400, str(error)))
        else:
            super().write_error(status_code, **info)

    def write_problem(self, problem: Problem) -> None:
        """Write a problem as the method that was called does."""
        self._write(_encoded(self._refusal(problem.detail)), problem.status)


def _encoded(value: Any) -> str:
    text = json.dumps(value, allow_nan=False)
    for letter, escaped in ESCAPED.items():
        text = text.replace(letter, escaped)
    return text


def routes(front: Front) -> list[Route]:
    """List the addresses of the API, below its three base paths."""
    shared = {"front": front, "highest": Highest()}
    names = "|".join(METHODS)
    return [
        (rf"/(?:api|chirps|chirps/{SCRIPT})/(?P<name>{names})/?", Legacy, shared),
        (rf"/(?:api|chirps)/(?P<name>{SCRIPT})/?", Legacy, shared),
    ]
