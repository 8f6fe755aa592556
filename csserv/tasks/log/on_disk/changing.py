"""A table as TinyDB changes it, which records what was touched."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

Documents = dict[str, dict[str, Any]]


class Changing(MutableMapping[int, dict[str, Any]]):
    """A table's documents by number, as TinyDB changes them; records which ones were touched.

    TinyDB itself converts all keys to numbers and back: 10 ms for 10,000 documents.
    """

    def __init__(self, documents: Documents, touched: set[str]) -> None:
        self._documents = documents
        self._touched = touched

    def __getitem__(self, key: int) -> dict[str, Any]:
        found = self._documents[str(key)]
        self._touched.add(str(key))  # TinyDB updates documents in place
        return found

    def __setitem__(self, key: int, document: dict[str, Any]) -> None:
        self._documents[str(key)] = document
        self._touched.add(str(key))

    def __delitem__(self, key: int) -> None:
        del self._documents[str(key)]
        self._touched.add(str(key))

    def __contains__(self, key: object) -> bool:
        return str(key) in self._documents

    def __iter__(self) -> Iterator[int]:
        return map(int, self._documents)

    def __len__(self) -> int:
        return len(self._documents)
