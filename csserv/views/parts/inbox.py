"""A queue of updates for one document, applied together under its lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from panel.io import unlocked

from csserv.views.parts.served_changes import change_served

Item = TypeVar("Item")


class Inbox(Generic[Item]):
    """Collects items from any thread, and applies them in the document's thread.

    Of several items with the same key only the latest is applied. Without a served document, as in
    a notebook or a script, items are applied at once.

    Parameters
    ----------
    document : of bokeh; None without one
    apply : called with the collected items
    """

    def __init__(self, document: Any, apply: Callable[[Mapping[str, Item]], None]) -> None:
        self._document = document
        self._apply = apply
        self._items: dict[str, Item] = {}
        self._lock = threading.Lock()

    def put(self, items: Mapping[str, Item]) -> None:
        """Add items; may be called from any thread."""
        with self._lock:
            is_due = bool(self._items)
            self._items |= items
        if is_due:
            return
        change_served(self._document, self._apply_all)

    def _apply_all(self) -> None:
        with self._lock:
            items, self._items = self._items, {}
        with unlocked():  # the browser gets all changes in one message
            self._apply(items)
