"""The coverage of a dataset, kept for as long as its files stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_
from pathlib import Path

from csserv.catalog.timeline.coverage import Coverage


class LatestCoverage:
    """The latest coverage that was measured: to do so takes milliseconds, a look at files less."""

    def __init__(self) -> None:
        self._latest: tuple[Mapping[Path, object], Coverage] | None = None

    def of(self, found: Mapping[Path, object], measure: Callable[[], Coverage]) -> Coverage:
        """Return the coverage of files; it is measured if they are others than the last time.

        Parameters
        ----------
        found : file → its header; the same object for as long as the file stays as it is
        """
        latest = self._latest
        if latest is None or not _are_same(found, latest[0]):
            latest = self._latest = found, measure()
        return latest[1]


def _are_same(one: Mapping[Path, object], other: Mapping[Path, object]) -> bool:
    return (
        len(one) == len(other)
        and all(map(is_, one, other))
        and all(map(is_, one.values(), other.values()))
    )
