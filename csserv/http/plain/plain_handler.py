"""What the pages of a result have in common: who may look, what is asked, in which language."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlencode

from csserv.access import Caller
from csserv.errors import AccessDeniedError, InvalidRequestError, TaskNotFoundError
from csserv.http.handler import Handler
from csserv.http.spoken_language import spoken_language, tell_language
from csserv.language import PARAMETER, Language, asked_language, mark, speaking, tr
from csserv.problem import Problem, kind_of
from csserv.views.plain.plain_page import Address, Chosen, page_style, problem_page
from csserv.views.plain.svg_text import svg_style
from csserv.views.tasks.task_texts import NO_TASK

Value = TypeVar("Value")

#: status of a problem → heading of its page; of others, the last
HEADINGS = {
    401: mark("Please log in"),
    403: mark("Not for you"),
    404: mark("There is no such result"),
}


class PlainPage(Handler):
    """What the page and its picture have in common: who may look, and what of a result is asked."""

    async def identify(self) -> Caller:
        """Return who asks: whoever may read results by the API, or open the Result page."""
        try:
            return await super().identify()
        except AccessDeniedError:
            if "Authorization" in self.request.headers:
                raise
            return self.context.browser_auth.identify(self.request)

    @property
    def language(self) -> Language:
        """The language of the answer: of the address, else kept, else the browser's."""
        return spoken_language(self, self.context.settings.language)

    async def read_spoken(self, function: Callable[..., Value], *args: object) -> Value:
        """Call a function that reads and says something, in a thread and in the language asked."""
        language = self.language

        def call() -> Value:
            with speaking(language):
                return function(*args)

        return await self.context.run_read(call)

    @property
    def chosen(self) -> Chosen:
        """Which part of the result is asked for.

        Raises
        ------
        InvalidRequestError : the number of the series is none
        """
        given = self.get_query_argument("series", None)
        operation = self.get_query_argument("operation", None)
        named = asked_language(self.get_query_argument(PARAMETER, ""))
        lang = named.code if named else None
        if given is None:
            return Chosen(operation, lang=lang)
        if not (given.isascii() and given.isdigit() and len(given) < 10):
            raise InvalidRequestError(f"series={given[:40]}: give the number of a series, from 0")
        return Chosen(operation, int(given), lang)

    def write_problem(self, problem: Problem) -> None:
        """Answer with a page; who has to log in is sent to the login."""
        if problem.status == 401 and self._can_log_in():
            self.redirect(f"../sign-in?{urlencode({'next': self.request.uri or ''})}")
            return
        heading = HEADINGS.get(problem.status, mark("There is nothing to show"))
        self._set_headers("text/html; charset=utf-8", "no-store")
        with speaking(self.language):
            is_lost = problem.kind == kind_of(TaskNotFoundError)
            detail = tr(NO_TASK) if is_lost else problem.detail
            self.finish(problem_page(tr(heading), detail, Address("", {})))

    def _can_log_in(self) -> bool:
        """Whether a login would help: not where a token is wrong, or a user has no role."""
        auth, login = self.context.browser_auth, self.context.settings.login
        return (
            login != "none"
            and "Authorization" not in self.request.headers
            and auth.oauth_name(self.request) is None
        )

    def _set_headers(self, media: str, cache: str) -> None:
        self.set_header("Content-Type", media)
        self.set_header("Cache-Control", cache)
        self.set_header("Content-Security-Policy", content_policy())
        tell_language(self, self.language)


@lru_cache(maxsize=1)
def content_policy() -> str:
    """Return what the page may load: its own style sheet, and pictures of this server."""
    styles = " ".join(f"'sha256-{_hash(text)}'" for text in (page_style(), svg_style()))
    return (
        f"default-src 'none'; style-src {styles}; img-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
