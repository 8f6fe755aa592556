"""The language that a request is answered in, and keeping the one that somebody chose."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from tornado.web import RequestHandler

from csserv.language import (
    COOKIE,
    PARAMETER,
    Language,
    asked_language,
    chosen_language,
    speaking,
)

#: how long a browser keeps a choice [s]
YEAR = 365 * 86400


def spoken_language(handler: RequestHandler, default: str) -> Language:
    """Return the language of an answer: of the address, else kept, else the browser's.

    Parameters
    ----------
    default : code of the language of the settings
    """
    return chosen_language(
        handler.get_query_argument(PARAMETER, ""),
        handler.get_cookie(COOKIE, "") or "",
        handler.request.headers.get("Accept-Language", ""),
        default,
    )


def tell_language(handler: RequestHandler, language: Language) -> None:
    """Say the language in the headers of an answer, and keep the one that the address names."""
    handler.set_header("Content-Language", language.code)
    handler.add_header("Vary", "Accept-Language, Cookie")
    if asked := asked_language(handler.get_query_argument(PARAMETER, "")):
        handler.set_cookie(COOKIE, asked.code, max_age=YEAR, samesite="Lax")


def in_language(method: Callable[..., Any]) -> Callable[..., Any]:
    """Have a method of a handler say all in the handler's ``language``."""

    @wraps(method)
    async def call(self: Any, *args: Any, **named: Any) -> None:
        with speaking(self.language):
            outcome = method(self, *args, **named)
            if inspect.isawaitable(outcome):
                await outcome

    return call
