"""Listing a dataset's files and reading their headers, while other programs may change them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from csserv.catalog.read.granule import Granule, Header
from csserv.errors import GranuleError, StaleGranuleError

#: waits before each new listing of a folder that is changing [s]
PAUSES = (0.0, 0.02, 0.1, 0.5, 0.5)

#: a folder modified more recently than this may still be changing [s]
JUST_NOW = 2.0


def list_files(data: Path, pattern: str) -> list[Path]:
    """List the files that match a glob below the data folder, in the order of their names.

    Hidden files, or files in hidden folders (a name that begins with a dot), are unfinished
    drafts and left out.
    """
    length = len(str(data))
    found = [p for p in data.glob(pattern) if f"{os.sep}." not in str(p)[length:]]
    return sorted(found, key=lambda path: path.parts)  # three times as quick as by paths


def has_files(data: Path, pattern: str) -> bool:
    """Whether any file matches that is not hidden."""
    return any(f"{os.sep}." not in str(path)[len(str(data)) :] for path in data.glob(pattern))


def read_headers(
    data: Path, pattern: str, granule: Callable[[Path], Granule]
) -> dict[Path, Header | GranuleError]:
    """Read the headers of all files that match, in the order of their names.

    ``granule`` says what to read of a file.

    A listing of a folder is no snapshot: when files give way to one that was made of them, it
    may hold some of them and not the new one. So it is made again until it stays the same.
    """
    found: dict[Path, Header | GranuleError] = {}
    for pause in PAUSES:
        listed = list_files(data, pattern)
        found = {path: _header_or_error(granule(path)) for path in listed}
        for path in _replaced(found):
            del found[path]
        gone = any(isinstance(one, StaleGranuleError) for one in found.values())
        if not gone and (not _just_changed(listed) or list_files(data, pattern) == listed):
            break
        time.sleep(pause)
    return found


def _replaced(found: dict[Path, Header | GranuleError]) -> list[Path]:
    """List the files that are gone and that one of the other files was made of."""
    origins = [one.origins for one in found.values() if isinstance(one, Header)]
    gone = (path for path, one in found.items() if isinstance(one, StaleGranuleError))
    return [path for path in gone if any(str(path) in one for one in origins)]


def _just_changed(paths: Iterable[Path]) -> bool:
    """Whether a folder of these files was modified in the last ``JUST_NOW`` seconds."""
    with suppress(FileNotFoundError):
        folders = {os.path.dirname(path) for path in paths}  # noqa: PTH120  # quicker than Path
        newest = max((Path(folder).stat().st_mtime for folder in folders), default=0.0)
        return time.time() - newest < JUST_NOW
    return True


def _header_or_error(granule: Granule) -> Header | GranuleError:
    try:
        return granule.header()
    except GranuleError as error:
        return error
