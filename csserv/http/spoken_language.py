"""The language that a request is answered in, and keeping the one that somebody chose."""

from __future__ import annotations

from tornado.web import RequestHandler

from csserv.language import COOKIE, PARAMETER, Language, asked_language, chosen_language

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
