"""Wrong passwords slow down whoever sends them, and nobody else."""

from __future__ import annotations

import asyncio

from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from csserv.http.login_guard import Attempt, LoginGuard

ELSEWHERE = Attempt("account victim", "192.0.2.1")
OWN_BROWSER = Attempt("browser of the victim", "")


class Clock:
    """A clock that stands still until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_account_waits_twice_as_long_after_each_wrong_password() -> None:
    clock = Clock()
    guard = LoginGuard(lambda request, name: None, clock)
    for expected in (0.0, 0.5, 1.0, 2.0):
        clock.now += expected
        assert asyncio.run(guard.wait(ELSEWHERE)) == 0.0
    assert asyncio.run(guard.wait(ELSEWHERE)) == 4.0
    assert asyncio.run(guard.wait(Attempt("account victim", "192.0.2.9"))) == 4.0
    assert asyncio.run(guard.wait(Attempt("account neighbour", "192.0.2.1"))) == 0.0
    assert asyncio.run(guard.wait(OWN_BROWSER)) == 0.0


def test_a_right_password_clears_its_own_account_alone() -> None:
    clock = Clock()
    guard = LoginGuard(lambda request, name: None, clock)
    for wait in (0.0, 0.5, 1.0, 2.0):
        clock.now += wait
        assert asyncio.run(guard.wait(ELSEWHERE)) == 0.0
    own = Attempt("account guesser", "192.0.2.1")
    assert asyncio.run(guard.wait(own)) == 0.0
    guard.succeeded(own)
    assert asyncio.run(guard.wait(own)) == 0.0
    assert asyncio.run(guard.wait(ELSEWHERE)) == 4.0
    guard.succeeded(ELSEWHERE)
    assert asyncio.run(guard.wait(ELSEWHERE)) == 0.0


def test_many_wrong_passwords_from_one_address_make_all_its_logins_wait() -> None:
    clock = Clock()
    guard = LoginGuard(lambda request, name: None, clock)
    for number in range(24):
        clock.now += 2.0
        assert asyncio.run(guard.wait(Attempt(f"account {number}", "192.0.2.1"))) == 0.0
    assert asyncio.run(guard.wait(Attempt("account next", "192.0.2.1"))) == 4.0
    assert asyncio.run(guard.wait(Attempt("account next", "192.0.2.2"))) == 0.0


def test_a_known_browser_is_counted_by_itself() -> None:
    request = HTTPServerRequest(
        start_line=RequestStartLine("POST", "/sign-in", "HTTP/1.1"),
        headers=HTTPHeaders({"Host": "localhost"}),
    )
    request.remote_ip = "192.0.2.1"
    known = LoginGuard(lambda request, name: "d1" if name == "anna" else None)
    assert known.attempt(request, "anna") == Attempt("browser d1", "")
    assert known.attempt(request, "carl") == Attempt("account carl", "192.0.2.1")
