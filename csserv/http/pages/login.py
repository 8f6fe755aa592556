"""Log in with a name and a password, and log out."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError

from csserv.access.users import UserRecord
from csserv.errors import AccessDeniedError
from csserv.http.front import Front
from csserv.http.handler import Handler
from csserv.http.pages.login_page import HEADERS, form, notice
from csserv.http.visitors import COOKIE, LASTS, OAUTH_COOKIE
from csserv.problem import Problem

#: a wait that is shorter is waited for here; for a longer one, people are sent away [s]
PATIENCE = 2.0

#: what Panel keeps of a login by OAuth
OAUTH_COOKIES = (OAUTH_COOKIE, "id_token", "access_token", "refresh_token", "oauth_expiry")

CLOSED = (
    "This server shows nothing to visitors from other machines. Ask whoever runs it to let you "
    "in: with a login (CSSERV_LOGIN), or by letting anybody look (CSSERV_ANONYMOUS)."
)


class Door(Handler):
    """What the pages before the dashboard share: they are for everybody."""

    async def prepare(self) -> None:
        """Refuse who asks too often or sends too much; nobody need say who he is."""
        self._check_size(int(self.request.headers.get("Content-Length") or 0))
        self.front.rate.check(str(self.request.remote_ip))
        self._is_admitted = True

    def write_problem(self, problem: Problem) -> None:
        """Tell an error as a page."""
        self.show(notice("That did not work", problem.detail, ("Back to the login", "sign-in")))

    def show(self, page: str) -> None:
        """Send a page."""
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.finish(page)

    def forget(self) -> None:
        """Have the browser forget who is logged in."""
        for name in (COOKIE, *OAUTH_COOKIES):
            if name in self.request.cookies:
                self.clear_cookie(name)

    @property
    def login(self) -> str:
        """How one logs in here."""
        return self.front.settings.login


class SignIn(Door):
    """Asks for name and password."""

    def get(self) -> None:
        """Show the form, or where else one gets in."""
        next_page = _own_page(self.get_query_argument("next", ""))
        way = ("Log in", f"login?{urlencode({'next': next_page})}")
        if self.login == "basic":
            self.show(form("", "", next_page))
        elif self.login == "oauth":
            self.show(notice("Log in", "You log in with the account that you have elsewhere.", way))
        else:
            self._let_in(next_page)

    async def post(self) -> None:
        """Look at a name and a password."""
        if self._finished:
            return
        if self.login != "basic":
            raise HTTPError(404, "nobody logs in with a password here")
        if not _is_from_here(self.request):
            raise HTTPError(403, "this form was sent by a page of another site")
        name, password, next_page = self._given()
        if wait := await self._wait():
            said = f"Too many wrong attempts. Wait {wait:.0f} seconds, then try again."
            self.set_status(429)
            self.show(form(said, name, next_page))
            return
        user = await self._check(name, password)
        if user is None:
            self.show(form("Name or password is wrong.", name, next_page))
            return
        self.set_cookie(
            COOKIE,
            self.front.visitors.cookie(user),
            expires_days=LASTS,
            httponly=True,
            samesite="Lax",
            secure=self.request.protocol == "https",
        )
        self.redirect(next_page, status=303)

    async def _wait(self) -> float:
        """Wait as long as an address must that was wrong; where that is long, say how long [s]."""
        address = str(self.request.remote_ip)
        while wait := self.front.failed_login_delay.delay(address):
            if wait > PATIENCE:
                return wait
            await asyncio.sleep(wait)
        # until it turns out to be right: attempts that come at once are all counted
        self.front.failed_login_delay.failed(address)
        return 0.0

    async def _check(self, name: str, password: str) -> UserRecord | None:
        user = await self.front.run(self.front.visitors.users.check, name, password)
        if user:
            self.front.failed_login_delay.succeeded(str(self.request.remote_ip))
        return user

    def _given(self) -> tuple[str, str, str]:
        try:
            fields = parse_qs(bytes(self._body).decode(), max_num_fields=10)
        except ValueError:
            raise HTTPError(400, "the form is not readable") from None
        name, password, next_page = (
            fields.get(one, [""])[0] for one in ("name", "password", "next")
        )
        return name.strip(), password, _own_page(next_page)

    def _let_in(self, next_page: str) -> None:
        """Let those go on who need no login."""
        try:
            self.front.visitors.visitor(self.request)
        except AccessDeniedError:
            self.set_status(403)
            self.show(notice("This server is closed", CLOSED))
        else:
            self.redirect(next_page)


class SignOut(Door):
    """Ends a login."""

    def get(self) -> None:
        """Forget who was logged in, and say so."""
        self.forget()
        self.show(notice("You have logged out", "Good bye.", ("Log in again", "sign-in")))


def routes(front: Front) -> list[tuple[str, type[Handler], dict[str, Any]]]:
    """List the addresses."""
    shared = {"front": front}
    return [("/sign-in", SignIn, shared), ("/sign-out", SignOut, shared)]


def _own_page(given: str) -> str:
    """Return an address of this server; that of another one is not gone to."""
    plain = given.isprintable() and "\\" not in given and not given.startswith("//")
    return given if plain and given.startswith("/") else "./"


def _is_from_here(request: HTTPServerRequest) -> bool:
    """Whether a page of this server sent a form, as far as the browser tells."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
