"""Handlers of the pages to log in, with name and password, and to log out."""

from __future__ import annotations

import logging
import math
import re
from typing import Any
from urllib.parse import parse_qs, urlencode

from tornado.web import HTTPError

from csserv.errors import AccessDeniedError
from csserv.http.browser_auth import (
    DEVICE_COOKIE,
    DEVICE_DAYS,
    LOGIN_COOKIE,
    LOGIN_DAYS,
    OAUTH_COOKIE,
)
from csserv.http.foreign_sites import is_foreign
from csserv.http.handler import Handler
from csserv.http.pages.login_page import HEADERS, form, log_out_form, notice
from csserv.http.server_context import ServerContext
from csserv.http.spoken_language import in_language, spoken_language, tell_language
from csserv.language import Language, mark, speaking, tr
from csserv.logs import event
from csserv.problem import Problem

logger = logging.getLogger(__name__)

#: cookies that Panel sets at a login by OAuth
OAUTH_COOKIES = (OAUTH_COOKIE, "id_token", "access_token", "refresh_token", "oauth_expiry")

#: why a provider let nobody in, as OAuth 2.0 names it (RFC 6749, 4.1.2.1) → in words
FAILED = {
    "access_denied": mark("The provider of your account did not let you in, or you stopped it."),
    "temporarily_unavailable": mark("The provider of your account is busy. Try again in a while."),
    "server_error": mark("The provider of your account failed. Try again in a while."),
    "state mismatch": mark("The login took too long, or was begun in another window."),
}

#: a code of such an error
CODE = re.compile(r"[a-z_]{1,40}")

CLOSED_TEXT = mark(
    "This server shows nothing to visitors from other machines. Ask whoever runs it to let you "
    "in: with a login (CSSERV_LOGIN), or by letting anybody look (CSSERV_ANONYMOUS)."
)


class PublicPage(Handler):
    """A page that anybody may open, without login."""

    async def prepare(self) -> None:
        """Refuse a request that is too large or too frequent; everybody may ask."""
        self.check_form()
        self.context.rate_limit.check(str(self.request.remote_ip))
        self._is_admitted = True

    def write_problem(self, problem: Problem) -> None:
        """Answer an error with a page."""
        with speaking(self.language):
            link = (tr("Back to the login"), "sign-in")
            self.send_page(notice(tr("That did not work"), problem.detail, link))

    def send_page(self, page: str) -> None:
        """Send a page of HTML."""
        for name, value in HEADERS.items():
            self.set_header(name, value)
        tell_language(self, self.language)
        self.finish(page)

    @property
    def language(self) -> Language:
        """The language of the page."""
        return spoken_language(self, self.context.settings.language)

    def clear_login(self) -> None:
        """Remove the login cookies from the browser."""
        for name in (LOGIN_COOKIE, *OAUTH_COOKIES):
            if name in self.request.cookies:
                self.clear_cookie(name)

    @property
    def login_kind(self) -> str:
        """The setting ``login``: "none", "basic" or "oauth"."""
        return self.context.settings.login


class SignIn(PublicPage):
    """The page to log in on."""

    address = "/sign-in"

    @in_language
    def get(self) -> None:
        """Send the form, or whatever else the kind of login needs."""
        next_page = _own_page(self.get_query_argument("next", ""))
        link = (tr("Log in"), f"login?{urlencode({'next': next_page})}")
        if self.login_kind == "basic":
            self.send_page(form("", "", next_page))
        elif self.login_kind == "oauth" and (failed := self.get_query_argument("failed", "")):
            self.send_page(notice(tr("The login did not work"), _why_failed(failed), link))
        elif self.login_kind == "oauth":
            said = tr("You log in with the account that you have elsewhere.")
            self.send_page(notice(tr("Log in"), said, link))
        else:
            self._let_in(next_page)

    head = get

    @in_language
    async def post(self) -> None:
        """Check name and password, and set the login cookie."""
        if self._finished:
            return
        if self.login_kind != "basic":
            raise HTTPError(404, "nobody logs in with a password here")
        if is_foreign(self.request):
            raise HTTPError(403, "this form was sent by a page of another site")
        name, password, next_page = self._given()
        guard = self.context.login_guard
        attempt = guard.attempt(self.request, name)
        if wait := await guard.wait(attempt):
            self.set_header("Retry-After", str(math.ceil(wait)))
            error = tr(
                "Too many wrong attempts. Wait {seconds} seconds, then try again.",
                seconds=f"{wait:.0f}",
            )
            self.set_status(429)
            self.send_page(form(error, name, next_page))
            self._tell_refused("too many wrong passwords")
            return
        users = self.context.browser_auth.users
        user = await self.context.run_read(users.check, name, password)
        if user is None:
            self.send_page(form(tr("Name or password is wrong."), name, next_page))
            self._tell_refused("name or password is wrong")
            return
        guard.succeeded(attempt)
        auth = self.context.browser_auth
        self._set_cookie(LOGIN_COOKIE, auth.login_cookie(user), LOGIN_DAYS)
        self._set_cookie(DEVICE_COOKIE, auth.device_cookie(user), DEVICE_DAYS)
        self.redirect(next_page, status=303)

    def _tell_refused(self, reason: str) -> None:
        """Log a refused login; not what was typed as a name, which may be a password."""
        event(
            logger,
            "sign-in refused",
            level=logging.WARNING,
            reason=reason,
            address=self.request.remote_ip,
            request_id=self.request_id,
        )

    def _set_cookie(self, name: str, value: str, days: float) -> None:
        self.set_cookie(
            name,
            value,
            expires_days=days,
            httponly=True,
            samesite="Lax",
            secure=self.request.protocol == "https",
        )

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
        """Send callers who need no login to the next page."""
        try:
            self.context.browser_auth.identify(self.request)
        except AccessDeniedError:
            self.set_status(403)
            self.send_page(notice(tr("This server is closed"), tr(CLOSED_TEXT)))
        else:
            self.redirect(next_page)


class SignOut(PublicPage):
    """The page to log out on."""

    address = "/sign-out"

    @in_language
    def get(self) -> None:
        """Send a form with a button: an address that is merely opened changes nothing."""
        self.send_page(log_out_form())

    head = get

    @in_language
    async def post(self) -> None:
        """End the login, here and on the server, and say so."""
        if self._finished:
            return
        if is_foreign(self.request):
            raise HTTPError(403, "this form was sent by a page of another site")
        await self.context.run_write(self.context.browser_auth.end_login, self.request)
        self.clear_login()
        link = (tr("Log in again"), "sign-in")
        self.send_page(notice(tr("You have logged out"), tr("Good bye."), link))


def routes(context: ServerContext) -> list[tuple[str, type[Handler], dict[str, Any]]]:
    """Return the routes of the pages."""
    shared = {"context": context}
    return [("/sign-in", SignIn, shared), ("/sign-out", SignOut, shared)]


def _why_failed(code: str) -> str:
    """Say why a login by OAuth failed; a code that is none is no text to show."""
    if code in FAILED:
        return tr(FAILED[code])
    said = tr("Log in again. If that fails too, tell whoever runs this server.")
    if not CODE.fullmatch(code):
        return said
    return said + " " + tr("The provider of your account said: {code}.", code=code)


def _own_page(given: str) -> str:
    """Return an address if it is on this server, else that of the start page."""
    plain = given.isprintable() and "\\" not in given and not given.startswith("//")
    return given if plain and given.startswith("/") else "./"
