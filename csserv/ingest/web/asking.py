"""Asks providers over HTTP: politely, again after failures, and no page is taken for data."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from csserv.errors import FetchCancelledError, FetchError
from csserv.ingest.web.answers import (
    BROKEN,
    ComeBackError,
    PassingError,
    check_answer,
    trouble,
)
from csserv.ingest.web.pace import Pace
from csserv.ingest.web.receiving import pieces, text_of
from csserv.ingest.web.resting import Resting
from csserv.ingest.web.trusted import TrustingSession, is_trusted
from csserv.ingest.web.turns import Turns

#: how often it is seen whether to stop, and how long a last word before that may take [s]
LISTEN, PARTING = 0.2, 4.0


@dataclass
class Web:
    """Connections to providers, shared by the threads of one fetch.

    Attributes
    ----------
    stop : set to end whatever waits
    headers : sent to the machines that they are meant for, such as a token
    machines : these, as ``is_trusted`` takes them: to others, no request carries the headers
    login : how to get an account, told where one is asked for
    sent_to_login : whether who has no login is sent to another machine for one, so that a page of
        the machine itself means that a file is not there
    turns : when the next request may go out
    ban : how long a machine that answers 403 bans [s]; 0 if that is a refusal like others
    resting : machines that are not asked at all
    """

    stop: threading.Event = field(default_factory=threading.Event)
    pace: Pace = field(default_factory=Pace)
    headers: Mapping[str, str] = field(default_factory=dict)
    machines: tuple[str, ...] = ()
    login: str = ""
    sent_to_login: bool = False
    turns: Turns = field(default_factory=Turns)
    ban: float = 0.0
    resting: Resting = field(default_factory=Resting)
    _own: threading.local = field(default_factory=threading.local, repr=False)
    _ended: threading.Event = field(default_factory=threading.Event, repr=False)

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
            for part in pieces(answer):
                self.check_stop()
                size += len(part)
                if size > most:
                    raise FetchError(f"{address} is larger than {most // 2**20} MB; no list is")
                parts.append(part)
            return text_of(b"".join(parts), answer.encoding)

    def size(self, address: str) -> int | None:
        """Ask how large a file is [bytes]; None if the provider does not say, for whatever reason.

        Raises
        ------
        FetchCancelledError : it was stopped
        """

        def head() -> int | None:
            with self.ask("HEAD", address, {"Accept-Encoding": "identity"}) as answer:
                length = answer.headers.get("Content-Length", "")
                return int(length) if length.isdigit() else None

        try:
            found: int | None = self.attempt(address, head)
        except FetchCancelledError:
            raise
        except FetchError:  # many servers refuse to be asked for that alone
            return None
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
            except PassingError as error:
                why, wait = error.why, error.wait
            except BROKEN as error:
                why, wait = trouble(error), None
            except requests.RequestException as error:
                raise FetchError(f"{address} cannot be read: {trouble(error)}") from None
            if wait is not None and wait > self.pace.patience:
                until = self.resting.add(urlsplit(address).netloc, wait)
                raise ComeBackError(f"{address}: {why}, and asks to come back {_when(until)}")
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
        """Ask once; the answer is one of the 2xx, or 416.

        Parameters
        ----------
        body : sent as JSON

        Raises
        ------
        NotThereError : 404 or 410
        ComeBackError : the machine wants to be left alone
        FetchError : it is refused; says why and what can be done
        """
        self._check_rest(address)
        self._wait_for_turn()
        try:
            answer = self._send(method, address, headers or {}, json=body)
        except BROKEN:
            raise
        except (requests.RequestException, ValueError) as error:
            raise FetchError(f"{address} cannot be asked: {trouble(error)}") from None
        with answer:
            if body is None:  # what was begun with it is named in the answer alone
                self.check_stop()
            self._check_ban(answer)
            check_answer(answer, address, self.login)
            yield answer

    def call_off(self, address: str) -> None:
        """Ask once to end what goes on at an address, also after a stop; it may not be heard."""
        with suppress(requests.RequestException, ValueError):
            self._send("DELETE", address, {}, timeout=(PARTING / 2, PARTING / 2)).close()

    def _send(
        self, method: str, address: str, headers: Mapping[str, str], **how: Any
    ) -> requests.Response:
        own = self.headers if is_trusted(address, self.machines) else {}
        # without it, `requests` puts a login of ~/.netrc in place of a token
        auth = _as_it_is if "Authorization" in own else None
        every: dict[str, Any] = {"stream": True, "timeout": self.pace.timeout, "auth": auth} | how
        return self._session.request(method, address, headers={**own, **headers}, **every)

    def wait(self, seconds: float) -> None:
        """Wait, unless it is stopped meanwhile.

        Raises
        ------
        FetchCancelledError : it was
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.stop.wait(min(left, LISTEN))
            self.check_stop()

    def check_stop(self) -> None:
        """Raise ``FetchCancelledError`` if it was stopped."""
        if self.stop.is_set() or self._ended.is_set():
            raise FetchCancelledError("the fetch was stopped; what it has is kept")

    @property
    def _session(self) -> requests.Session:
        """One a thread: sessions are not made for several."""
        if not hasattr(self._own, "session"):
            self._own.session = TrustingSession(self.machines, self.headers)
        session: requests.Session = self._own.session
        return session

    def end(self) -> None:
        """Let nothing more be asked by any thread."""
        self._ended.set()

    def _wait_for_turn(self) -> None:
        """Wait until the next request may go out."""
        if (wait := self.turns.take()) > 0:
            self.wait(wait)
        self.check_stop()

    def _check_rest(self, address: str) -> None:
        machine = urlsplit(address).netloc
        if until := self.resting.until(machine):
            raise ComeBackError(f"{machine} has asked to be left alone; fetch again {_when(until)}")

    def _check_ban(self, answer: requests.Response) -> None:
        if answer.status_code == 403 and self.ban:
            machine = urlsplit(answer.url).netloc
            until = self.resting.add(machine, self.ban)
            raise ComeBackError(
                f"{machine} has banned this network (403), as it does for {self.ban / 3600:g} "
                f"hours when asked too often; it is left alone; fetch again {_when(until)}"
            )

    def _pause(self, number: int, wait: float | None) -> None:
        usual = min(self.pace.longest, self.pace.pause * 2**number)
        # spread, so that many that were refused at once do not come back at once
        length = max(wait or 0.0, usual * random.uniform(0.5, 1.0))  # noqa: S311
        if wait:  # it counts for all threads
            self.turns.put_off(length)
        self.wait(length)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _when(until: datetime) -> str:
    return f"at {until:%Y-%m-%d %H:%M} UTC"
