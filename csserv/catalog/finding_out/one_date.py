"""Files that would be of one date, by where dates were found in their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from csserv.catalog.read.times.file_dates import date_of_name
from csserv.catalog.timeline.consistency import finality
from csserv.errors import GranuleError, InvalidRequestError


def check_dates_differ(files: Sequence[Path], pattern: str) -> None:
    """See that a pattern that was found gives each file a date of its own.

    A final file and a preliminary one may share theirs, as their names say which counts.

    Raises
    ------
    InvalidRequestError : two files share a date; names them
    """
    for alike in _of_one_date(files, pattern):
        ranks = sorted(map(finality, alike))
        if ranks[0] == ranks[1]:
            one, other = (path.name for path in alike[:2])
            raise InvalidRequestError(
                f"{one} and {other} are of one date by what was found in their names "
                f"({pattern}); say where the date stands with --time-from-name, such as "
                "'rain_%d-%m-%Y', which file counts with --prefer, or which are meant with a "
                "pattern, such as 'folder/rain*.tif'"
            )


def _of_one_date(files: Sequence[Path], pattern: str) -> Iterator[list[Path]]:
    found = defaultdict[int, list[Path]](list)
    for path in files:
        try:
            found[date_of_name(path, pattern)[0]].append(path)
        except GranuleError:  # that file is told later, and the others can be used
            continue
    yield from (one for one in found.values() if len(one) > 1)
