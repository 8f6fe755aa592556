"""Authentication of callers without a token: by login cookie, or by their address."""

from __future__ import annotations

import hmac
import ipaddress
import os
import secrets
from functools import cached_property
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.web import create_signed_value, decode_signed_value

from csserv.access import Caller, EndedLogins, Role, Users
from csserv.access.keys import read_keys
from csserv.access.users import UserRecord, caller_of
from csserv.errors import AccessDeniedError
from csserv.http.foreign_sites import (
    ANY,
    ForeignSiteError,
    allowed_origin,
    is_followed_link,
    is_foreign,
)
from csserv.language import tr
from csserv.settings import Settings

#: names of the cookies of a login by password, and of Panel's login by OAuth
LOGIN_COOKIE, OAUTH_COOKIE = "csserv_user", "user"

#: name of the cookie of a browser in which a user has logged in before
DEVICE_COOKIE = "csserv_device"

#: how long a login lasts, and how long a browser is known [days]
LOGIN_DAYS, DEVICE_DAYS = 1.0, 180.0

#: host names of this machine itself; other names may be made to point here
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1", None)

#: headers that a proxy adds: then the caller is on another machine
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")


class BrowserAuth:
    """Identifies callers without a token.

    Users are looked up at each request, so a login ends when the user is removed or gets another
    password.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.users = Users(settings.home)
        self.ended = EndedLogins(settings.home, LOGIN_DAYS)
        self._finders = {
            "none": lambda request: None,
            "basic": self._by_password,
            "oauth": self._by_oauth,
        }

    def identify(self, request: HTTPServerRequest) -> Caller:
        """Return the caller who opens a page of the dashboard.

        Raises
        ------
        AccessDeniedError : the caller may see nothing; says what to do
        """
        if self._settings.login == "none":
            return self.anonymous(request, is_page=True)
        if caller := self.by_cookie(request):
            return caller
        if name := self.oauth_name(request):
            raise AccessDeniedError(
                tr(
                    "there is no role here for {name}; ask whoever runs this server for one "
                    "(csserv users add)",
                    name=name,
                )
            )
        raise AccessDeniedError(tr("log in first"))

    def by_cookie(self, request: HTTPServerRequest) -> Caller | None:
        """Return the user of the login cookie; None without a valid one."""
        return self._finders[self._settings.login](request)

    def anonymous(self, request: HTTPServerRequest, is_page: bool = False) -> Caller:
        """Return the caller of a request without token and login.

        Parameters
        ----------
        is_page : whether a page is asked for, to which other sites may link

        Raises
        ------
        AccessDeniedError : the settings allow no such callers, or a page of another site asks
        """
        access, address = self._settings.access, str(request.remote_ip)
        trusted = access == "open" or (access == "auto" and self._settings.login == "none")
        if is_local(request) and trusted:
            if not (is_page and is_followed_link(request)):
                self._check_site(request)
            return Caller("local", Role.ADMIN)
        if access == "open":
            return Caller(address, Role.SUBMITTER)
        if self._settings.anonymous == "none":
            raise AccessDeniedError("give a token: Authorization: Bearer <token>")
        return Caller(address, Role(self._settings.anonymous))

    def _check_site(self, request: HTTPServerRequest) -> None:
        """Refuse pages of other sites what only programs on this machine may do.

        Such a page makes the browser of somebody on this machine send its requests.
        """
        known = tuple(one for one in self._settings.allowed_origins if one != ANY)
        if is_foreign(request) and not allowed_origin(request, known):
            raise ForeignSiteError

    def login_cookie(self, user: UserRecord) -> str:
        """Return the signed value of the login cookie of a user."""
        value = f"{user.security_stamp}:{user.name}"
        return create_signed_value(self._keys["cookies"], LOGIN_COOKIE, value).decode()

    def device_cookie(self, user: UserRecord) -> str:
        """Return the signed value by which a browser is known that a user has logged in with."""
        value = f"{secrets.token_hex(8)}:{user.name}"
        return create_signed_value(self._keys["cookies"], DEVICE_COOKIE, value).decode()

    def device_name(self, request: HTTPServerRequest, name: str) -> str | None:
        """Return by which name a browser is known that a user has logged in with; else None."""
        value = _signed(request, self._keys["cookies"], DEVICE_COOKIE, DEVICE_DAYS) or ""
        return value if value.partition(":")[2] == name else None

    def end_login(self, request: HTTPServerRequest) -> None:
        """End the login of a request: its cookie is worth nothing any more, wherever it is."""
        for name in (LOGIN_COOKIE, OAUTH_COOKIE):
            if given := request.cookies.get(name):
                self.ended.end(given.value)

    def oauth_name(self, request: HTTPServerRequest) -> str | None:
        """Return the name of a user logged in by OAuth, with or without a role; else None."""
        if self._settings.login != "oauth":
            return None
        return self._login(request, self._oauth_key, OAUTH_COOKIE)

    def _login(self, request: HTTPServerRequest, key: str, name: str) -> str | None:
        """Return the value of the cookie of a login that was not ended."""
        value = _signed(request, key, name)
        return value if value and not self.ended.has(request.cookies[name].value) else None

    def _by_password(self, request: HTTPServerRequest) -> Caller | None:
        mark, _, name = (self._login(request, self._keys["cookies"], LOGIN_COOKIE) or "").partition(
            ":"
        )
        user = self.users.find(name)
        if user is None or not user.password or not hmac.compare_digest(mark, user.security_stamp):
            return None
        return caller_of(user)

    def _by_oauth(self, request: HTTPServerRequest) -> Caller | None:
        name, role = self.oauth_name(request), self._settings.login_role
        if name is None:
            return None
        if user := self.users.find(name):
            return caller_of(user)
        return None if role == "none" else Caller(name, Role(role))

    @cached_property
    def _keys(self) -> dict[str, str]:
        return read_keys(self._settings.home)

    @property
    def _oauth_key(self) -> str:
        """The key with which Panel signs its cookies."""
        given = os.environ.get("PANEL_COOKIE_SECRET") or os.environ.get("BOKEH_COOKIE_SECRET")
        return given or self._keys["cookies"]


def is_local(request: HTTPServerRequest) -> bool:
    """Whether a request comes from this machine, not through a proxy nor by a foreign host name.

    The host name guards against DNS rebinding: a page of another site whose name was made to
    point to this machine sends that name in the ``Host`` header.
    """
    try:
        near = ipaddress.ip_address(str(request.remote_ip)).is_loopback
    except ValueError:  # a Unix socket: a proxy is in front
        near = False
    return (
        near
        and _named(request) in LOOPBACK_NAMES
        and not any(name in request.headers for name in PROXY_HEADERS)
    )


def _named(request: HTTPServerRequest) -> str | None:
    """Return the host name by which the caller addressed this server."""
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname
    except ValueError:
        return ""


def _signed(
    request: HTTPServerRequest, key: str, name: str, days: float = LOGIN_DAYS
) -> str | None:
    """Return the value of a signed cookie; None if it is missing, forged or too old."""
    given = request.cookies.get(name)
    value = decode_signed_value(key, name, given.value, days) if given else None
    return value.decode(errors="replace") if value else None
