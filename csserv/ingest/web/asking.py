"""Asks providers over HTTP: politely, again after failures, and no page is taken for data."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import requests

from csserv.errors import FetchCancelledError, FetchError

#: how often an address is tried, and the first and longest pause between two tries [s]
TRIES, PAUSE, LONGEST = 6, 1.0, 60.0

#: longest time that a provider may ask to wait before the next try [s]; longer: another day
PATIENCE = 600.0

#: time to connect, and longest silence of an answer [s]
TIMEOUT = (20.0, 60.0)

#: answers that may be another one a little later
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

#: failures of the network that may pass
BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)

#: why an answer is refused: of each number, what can be done
REFUSED = {
    401: "it asks for a login",
    403: "it refuses access",
    407: "the proxy of this network asks for a login",
    451: "it may not be read from here, by law",
}


class NotThereError(FetchError):
    """The provider has no such file, or not yet."""


@dataclass(frozen=True)
class Pace:
    """How often and how patiently a provider is asked."""

    tries: int = TRIES
    pause: float = PAUSE
    longest: float = LONGEST
    patience: float = PATIENCE
    timeout: tuple[float, float] = TIMEOUT


@dataclass
class Web:
    """Connections to providers, shared by the threads of one fetch.

    Attributes
    ----------
    stop : set to end whatever waits
    headers : sent to the machines that they are meant for, such as a token
    machines : these, or the ends of their names: of others, no request carries the headers
    login : how to get an account, told where one is asked for
    apart : least time from one request to the next [s]
    """

    stop: threading.Event = field(default_factory=threading.Event)
    pace: Pace = Pace()
    headers: Mapping[str, str] = field(default_factory=dict)
    machines: tuple[str, ...] = ()
    login: str = ""
    apart: float = 0.0
    _own: threading.local = field(default_factory=threading.local, repr=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _next: float = 0.0  #: when the next request may go out, on the monotonic clock

    def page(self, address: str, most: int = 64 * 2**20) -> str:
        """Read a page of text.

        Parameters
        ----------
        most : bytes that it may have

        Raises
        ------
        NotThereError : there is none
        FetchError : no answer, or another one than a page; says which, and what can be done
        FetchCancelledError : it was stopped
        """
        text: str = self.attempt(address, lambda: self._page(address, most))
        return text

    def _page(self, address: str, most: int) -> str:
        with self.ask("GET", address) as answer:
            parts, size = [], 0
            for part in answer.iter_content(2**16):
                size += len(part)
                if size > most:
                    raise FetchError(f"{address} is larger than {most // 2**20} MB; no list is")
                parts.append(part)
            return b"".join(parts).decode(answer.encoding or "utf-8", "replace")

    def size(self, address: str) -> int | None:
        """Ask how large a file is [bytes]; None if the provider does not say."""

        def head() -> int | None:
            with self.ask("HEAD", address, {"Accept-Encoding": "identity"}) as answer:
                length = answer.headers.get("Content-Length", "")
                return int(length) if length.isdigit() else None

        found: int | None = self.attempt(address, head)
        return found

    def attempt(self, address: str, act: Callable[[], Any]) -> Any:
        """Do something that asks the network, and again after failures that may pass.

        Raises
        ------
        FetchError : it failed to the end; says why
        FetchCancelledError : it was stopped
        """
        for number in range(self.pace.tries):
            self.check_stop()
            try:
                return act()
            except _PassingError as error:
                why, wait = error.why, error.wait
            except BROKEN as error:
                why, wait = _trouble(error), None
            if wait is not None and wait > self.pace.patience:
                raise FetchError(f"{address}: {why}, and asks to come back {_when(wait)}")
            if number + 1 < self.pace.tries:
                self._pause(number, wait)
        raise FetchError(f"{address}: {why} ({self.pace.tries} tries)")

    @contextmanager
    def ask(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Iterator[requests.Response]:
        """Ask once; the answer is one of the 2xx, or 304 or 416.

        Parameters
        ----------
        body : sent as JSON

        Raises
        ------
        NotThereError : 404 or 410
        FetchError : it is refused; says why and what can be done
        """
        self._wait_for_turn()
        trusted = urlsplit(address).netloc.endswith(self.machines)
        every = {**(self.headers if trusted else {}), **(headers or {})}
        timeout = self.pace.timeout
        try:
            answer = self._session.request(
                method, address, headers=every, stream=True, timeout=timeout, json=body
            )
        except BROKEN:
            raise
        except (requests.RequestException, ValueError) as error:
            raise FetchError(f"{address} cannot be asked: {_trouble(error)}") from None
        with answer:
            self._check(answer, address)
            yield answer

    def check_stop(self) -> None:
        """Raise ``FetchCancelledError`` if it was stopped."""
        if self.stop.is_set():
            raise FetchCancelledError("the fetch was stopped; what it has is kept")

    @property
    def _session(self) -> requests.Session:
        """One a thread: sessions are not made for several."""
        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
            self._own.session.headers["User-Agent"] = f"csserv/{version('csserv')}"
        session: requests.Session = self._own.session
        return session

    def close(self) -> None:
        """Close the connections of this thread."""
        if hasattr(self._own, "session"):
            self._own.session.close()
            del self._own.session

    def _wait_for_turn(self) -> None:
        """Wait until the next request may go out: the turns of all threads lie ``apart``."""
        if not self.apart:
            return
        with self._turn:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self.apart
        self.stop.wait(turn - now)
        self.check_stop()

    def _pause(self, number: int, wait: float | None) -> None:
        usual = min(self.pace.longest, self.pace.pause * 2**number)
        # spread, so that many that were refused at once do not come back at once
        self.stop.wait(max(wait or 0.0, usual * random.uniform(0.5, 1.0)))  # noqa: S311
        self.check_stop()

    def _check(self, answer: requests.Response, address: str) -> None:
        code = answer.status_code
        if code in (404, 410):
            raise NotThereError(f"{address} is not there ({code})")
        if code in PASSING:
            said = f"the provider answers {code} {answer.reason}"
            raise _PassingError(said, _retry_after(answer.headers.get("Retry-After")))
        if code == 416 or code < 400:
            return
        why = REFUSED.get(code, f"the provider answers {answer.reason}")
        machine = urlsplit(answer.url).netloc
        advice = f"; {self.login}" if code in (401, 403) and self.login else ""
        raise FetchError(f"{address}: {why} ({code} of {machine}){advice}")


class _PassingError(Exception):
    """A refusal that may pass."""

    def __init__(self, why: str, wait: float | None) -> None:
        super().__init__(why)
        self.why, self.wait = why, wait


def _retry_after(text: str | None) -> float | None:
    """Read how long to wait [s]: seconds, or a date; None if nothing usable is said."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _when(seconds: float) -> str:
    return time.strftime("at %Y-%m-%d %H:%M UTC", time.gmtime(time.time() + min(seconds, 1e8)))


def _trouble(error: BaseException) -> str:
    """Say in words why nobody answered."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted here"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy of this network does not let it through"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError) or "Incomplete" in str(error):
        return "the answer broke off"
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "it sends from address to address without end"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__
