"""News for one document: gathered while it is busy, handed over under its lock, at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from panel.io import unlocked

Item = TypeVar("Item")


class Inbox(Generic[Item]):
    """Takes news from any thread; of several of the same name, the latest is handed over.

    Without a served document (in a notebook, in a script) they are handed over as they come.
    """

    def __init__(self, document: Any, apply: Callable[[Mapping[str, Item]], None]) -> None:
        self._document = document
        self._apply = apply
        self._news: dict[str, Item] = {}
        self._lock = threading.Lock()

    def put(self, news: Mapping[str, Item]) -> None:
        """Take news, from any thread."""
        with self._lock:
            is_asked = bool(self._news)
            self._news |= news
        if is_asked:
            return
        if self._document is None or self._document.session_context is None:
            self._hand_over()
        else:
            self._document.add_next_tick_callback(self._hand_over)

    def _hand_over(self) -> None:
        with self._lock:
            news, self._news = self._news, {}
        with unlocked():  # the browser gets all that changes in one message
            self._apply(news)
