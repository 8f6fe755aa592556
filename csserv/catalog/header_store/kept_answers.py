"""Answers about the files of a dataset, kept for as long as these stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from operator import is_
from pathlib import Path
from typing import Any, TypeVar

Value = TypeVar("Value")

#: answers about the same files that are kept at most
MOST_KEPT = 8


class KeptAnswers:
    """Answers about the latest files that were found: to make one takes milliseconds."""

    def __init__(self) -> None:
        self._latest: tuple[Mapping[Path, object], dict[Hashable, Any]] = {}, {}

    def of(
        self, found: Mapping[Path, object], question: Hashable, make: Callable[[], Value]
    ) -> Value:
        """Return an answer about files; it is made if they are others than the last time.

        Parameters
        ----------
        found : file → its header; the same object for as long as the file stays as it is
        question : what the answer depends on, besides the files
        """
        files, answers = self._latest
        if not _are_same(found, files):
            files, answers = self._latest = found, {}
        try:
            return answers[question]  # type: ignore[no-any-return]
        except KeyError:
            answer = make()
        if len(answers) < MOST_KEPT:
            answers[question] = answer
        return answer


def _are_same(one: Mapping[Path, object], other: Mapping[Path, object]) -> bool:
    return (
        len(one) == len(other)
        and all(map(is_, one, other))
        and all(map(is_, one.values(), other.values()))
    )
