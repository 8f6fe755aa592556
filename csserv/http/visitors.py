"""Who asks with a browser: by the cookie of a login, or as whoever shows no token."""

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

#: the cookie of our own login, and the one of Panel's by OAuth
COOKIE, OAUTH_COOKIE = "csserv_user", "user"

#: so long a login lasts [days]
LASTS = 1.0

#: names that a browser uses for this machine itself; others may be made to point here
OWN_NAMES = ("localhost", "127.0.0.1", "::1", None)

#: headers that a proxy adds: the caller is not on this machine, then
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")


class Visitors:
    """Finds out who somebody without a token is.

    A login is looked up anew with each request: it ends when the user is removed or gets another
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

    def visitor(self, request: HTTPServerRequest) -> Caller:
        """Find out who looks at the dashboard.

        Raises
        ------
        AccessDeniedError : nobody who may; says what to do
        """
        if self._settings.login == "none":
            return self.unnamed(request)
        if caller := self.by_cookie(request):
            return caller
        if name := self.oauth_name(request):
            raise AccessDeniedError(
                f"{name} has no role here; ask whoever runs this server for one (csserv users add)"
            )
        raise AccessDeniedError("log in first")

    def by_cookie(self, request: HTTPServerRequest) -> Caller | None:
        """Find out who is logged in with the browser that asks, if anybody is."""
        return self._finders[self._settings.login](request)

    def unnamed(self, request: HTTPServerRequest) -> Caller:
        """Say what somebody is who shows nothing.

        Raises
        ------
        AccessDeniedError : nothing is for such callers
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

    def cookie(self, user: UserRecord) -> str:
        """Write the cookie of a user who gave the right password."""
        value = f"{user.security_stamp}:{user.name}"
        return create_signed_value(self._keys["cookies"], COOKIE, value).decode()

    def oauth_name(self, request: HTTPServerRequest) -> str | None:
        """Name whom an OAuth provider let in, whatever his role, if it did."""
        if self._settings.login != "oauth":
            return None
        return _signed(request, self._oauth_key, OAUTH_COOKIE)

    def _by_password(self, request: HTTPServerRequest) -> Caller | None:
        mark, _, name = (_signed(request, self._keys["cookies"], COOKIE) or "").partition(":")
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
        """What Panel signs its cookies with."""
        given = os.environ.get("PANEL_COOKIE_SECRET") or os.environ.get("BOKEH_COOKIE_SECRET")
        return given or self._keys["cookies"]


def is_local(request: HTTPServerRequest) -> bool:
    """Whether a request comes from this machine itself, by no proxy and under no strange name.

    A page of another site, whose name was made to point to this machine, has its own name in
    the ``Host`` header (DNS rebinding).
    """
    try:
        near = ipaddress.ip_address(str(request.remote_ip)).is_loopback
    except ValueError:  # a Unix socket: a proxy is in front
        near = False
    return (
        near
        and _named(request) in OWN_NAMES
        and not any(name in request.headers for name in FORWARDED)
    )


def _named(request: HTTPServerRequest) -> str | None:
    """Return the name that the caller has for this server."""
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname
    except ValueError:
        return ""


def _signed(request: HTTPServerRequest, key: str, name: str) -> str | None:
    """Read a cookie that this server has signed."""
    given = request.cookies.get(name)
    value = decode_signed_value(key, name, given.value, LASTS) if given else None
    return value.decode(errors="replace") if value else None
