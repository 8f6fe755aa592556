"""Large answers that stay as they are: made once, and kept for who asks next."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

#: all texts together; those that were not asked for lately go first [bytes]
MOST = 64_000_000


class KeptTexts:
    """Texts by what they depend on.

    Parameters
    ----------
    most : size of all together; a larger one is made each time [bytes]
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._texts: OrderedDict[Hashable, bytes] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return a text; it is made by the first who asks, for whom others wait.

        Parameters
        ----------
        key : all that the text depends on
        """
        with self._lock:
            turn = self._making.setdefault(key, threading.Lock())
        try:
            with turn:
                text = self._known(key)
                if text is None:
                    text = make()
                    self._keep(key, text)
                return text
        finally:
            with self._lock:
                self._making.pop(key, None)

    def _known(self, key: Hashable) -> bytes | None:
        with self._lock:
            if key in self._texts:
                self._texts.move_to_end(key)
            return self._texts.get(key)

    def _keep(self, key: Hashable, text: bytes) -> None:
        if len(text) > self._most:
            return
        with self._lock:
            self._texts[key] = text
            while sum(map(len, self._texts.values())) > self._most:
                self._texts.popitem(last=False)
