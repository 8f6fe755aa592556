"""Slows down those who guess passwords, and nobody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from tornado.httputil import HTTPServerRequest

from csserv.access import FailedLoginDelay

#: the longest delay that the server waits itself; a longer one is shown to the user [s]
LONGEST_WAIT = 2.0

#: wrong passwords from one address before all of its logins wait: an office mistypes that often
FREE_BY_ADDRESS = 20


@dataclass(frozen=True)
class Attempt:
    """An attempt to log in: to which account, in which browser, from which address.

    Attributes
    ----------
    account : the account; or the browser, where its user has logged in with it before, so that
        nobody else can make that user wait (device cookies, OWASP)
    address : empty in such a browser
    """

    account: str
    address: str


class LoginGuard:
    """Counts wrong passwords by account and by address.

    Parameters
    ----------
    device_name : returns by which name a browser is known in which a user has logged in before
    clock : returns a time that never goes back [s]
    """

    def __init__(
        self,
        device_name: Callable[[HTTPServerRequest, str], str | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._device_name = device_name
        self._by_account = FailedLoginDelay(clock=clock)
        self._by_address = FailedLoginDelay(free=FREE_BY_ADDRESS, clock=clock)

    def attempt(self, request: HTTPServerRequest, name: str) -> Attempt:
        """Return what an attempt is counted by."""
        if device := self._device_name(request, name):
            return Attempt(f"browser {device}", "")
        return Attempt(f"account {name}", str(request.remote_ip))

    async def wait(self, attempt: Attempt) -> float:
        """Wait as long as an attempt has to; return a longer delay instead of waiting [s].

        It counts as failed until it has succeeded, so that attempts at the same time all count.
        """
        while wait := self._delay(attempt):
            if wait > LONGEST_WAIT:
                return wait
            await asyncio.sleep(wait)
        self._by_account.failed(attempt.account)
        if attempt.address:
            self._by_address.failed(attempt.address)
        return 0.0

    def succeeded(self, attempt: Attempt) -> None:
        """Forget the failures of the account, and take back that of the address."""
        self._by_account.forget(attempt.account)
        if attempt.address:
            self._by_address.take_back(attempt.address)

    def _delay(self, attempt: Attempt) -> float:
        by_address = self._by_address.delay(attempt.address) if attempt.address else 0.0
        return max(self._by_account.delay(attempt.account), by_address)
