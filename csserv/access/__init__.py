"""Who may do what: roles, tokens, users with passwords, and how often one client may ask."""

from __future__ import annotations

from csserv.access.rate_limits import RateLimit, Slowdown
from csserv.access.roles import Caller, Role, check_allowed, check_own
from csserv.access.tokens import Tokens
from csserv.access.users import Users

__all__ = [
    "Caller",
    "RateLimit",
    "Role",
    "Slowdown",
    "Tokens",
    "Users",
    "check_allowed",
    "check_own",
]
