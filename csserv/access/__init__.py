"""Access control: roles, API tokens, users with passwords, and limits on the rate of requests."""

from __future__ import annotations

from csserv.access.ended_logins import EndedLogins
from csserv.access.rate_limits import FailedLoginDelay, RateLimit
from csserv.access.roles import Caller, Role, check_allowed, check_owner
from csserv.access.tokens import Tokens
from csserv.access.users import Users

__all__ = [
    "Caller",
    "EndedLogins",
    "FailedLoginDelay",
    "RateLimit",
    "Role",
    "Tokens",
    "Users",
    "check_allowed",
    "check_owner",
]
