"""Authentication of callers without a token: by login cookie, or by their address."""

from __future__ import annotations

import hmac
import ipaddress
import os
from functools import cached_property
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.web import create_signed_value, decode_signed_value

from csserv.access import Caller, Role, Users
from csserv.access.keys import read_keys
from csserv.access.users import UserRecord, caller_of
from csserv.errors import AccessDeniedError
from csserv.settings import Settings

#: names of the cookies of a login by password, and of Panel's login by OAuth
LOGIN_COOKIE, OAUTH_COOKIE = "csserv_user", "user"

#: how long a login lasts [days]
LOGIN_DAYS = 1.0

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
            return self.anonymous(request)
        if caller := self.by_cookie(request):
            return caller
        if name := self.oauth_name(request):
            raise AccessDeniedError(
                f"{name} has no role here; ask whoever runs this server for one (csserv users add)"
            )
        raise AccessDeniedError("log in first")

    def by_cookie(self, request: HTTPServerRequest) -> Caller | None:
        """Return the user of the login cookie; None without a valid one."""
        return self._finders[self._settings.login](request)

    def anonymous(self, request: HTTPServerRequest) -> Caller:
        """Return the caller of a request without token and login.

        Raises
        ------
        AccessDeniedError : the settings allow no such callers
        """
        access, address = self._settings.access, str(request.remote_ip)
        trusted = access == "open" or (access == "auto" and self._settings.login == "none")
        if is_local(request) and trusted:
            return Caller("local", Role.ADMIN)
        if access == "open":
            return Caller(address, Role.SUBMITTER)
        if self._settings.anonymous == "none":
            raise AccessDeniedError("give a token: Authorization: Bearer <token>")
        return Caller(address, Role(self._settings.anonymous))

    def login_cookie(self, user: UserRecord) -> str:
        """Return the signed value of the login cookie of a user."""
        value = f"{user.security_stamp}:{user.name}"
        return create_signed_value(self._keys["cookies"], LOGIN_COOKIE, value).decode()

    def oauth_name(self, request: HTTPServerRequest) -> str | None:
        """Return the name of a user logged in by OAuth, with or without a role; else None."""
        if self._settings.login != "oauth":
            return None
        return _signed(request, self._oauth_key, OAUTH_COOKIE)

    def _by_password(self, request: HTTPServerRequest) -> Caller | None:
        mark, _, name = (_signed(request, self._keys["cookies"], LOGIN_COOKIE) or "").partition(":")
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


def _signed(request: HTTPServerRequest, key: str, name: str) -> str | None:
    """Return the value of a signed cookie; None if it is missing, forged or too old."""
    given = request.cookies.get(name)
    value = decode_signed_value(key, name, given.value, LOGIN_DAYS) if given else None
    return value.decode(errors="replace") if value else None
