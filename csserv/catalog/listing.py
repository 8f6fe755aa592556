"""Listing a dataset's files, and the stat of each: one look at each folder, one at each file."""

from __future__ import annotations

import errno
import fnmatch
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path, PurePath
from stat import S_ISDIR, S_ISREG
from typing import TypeAlias

from csserv.catalog.row_fields import OR
from csserv.catalog.signature import Signature
from csserv.machine.patience import Touch, touch_nothing

#: parts of a pattern that stand for any number of folders, or hold one of these
ANY_FOLDERS, WILD = "**", "*?["


#: a file as it was found, and what says of what it is
Match: TypeAlias = tuple[str, Callable[[], os.stat_result]]


def list_files(data: Path, pattern: str) -> list[Path]:
    """List the files that match a glob below the data folder, in the order of their names.

    Of several globs, with ``OR`` between them, a file matches one. Hidden files, or files in hidden
    folders (a name that begins with a dot), are unfinished drafts and left out.
    """
    return [data / name for name in _matches(data, pattern)]


def has_files(data: Path, pattern: str, touch: Touch = touch_nothing) -> bool:
    """Whether any file matches that is not hidden."""
    return next(_matching_any(data, pattern, touch), None) is not None


def signed_files(
    data: Path, pattern: str, touch: Touch = touch_nothing
) -> dict[str, Signature | OSError]:
    """List the files that match, by their names below the folder, and what changes when each does.

    A link that leads nowhere, or a file that is gone by now, has an error in its place.

    Parameters
    ----------
    touch : called with each folder and file before it is looked at
    """
    found: dict[str, Signature | OSError] = {}
    for name, look in _matches(data, pattern, touch).items():
        touch(name)
        try:
            found[name] = _signature(look(), data / name)
        except OSError as error:
            found[name] = error
    return found


def _signature(found: os.stat_result, path: Path) -> Signature:
    if S_ISDIR(found.st_mode):
        return Signature.of_folder(path)
    if not S_ISREG(found.st_mode):  # a pipe would be waited for
        raise OSError(errno.EINVAL, "it is neither a file nor a folder")
    return Signature.of(found)


def _matches(
    data: Path, pattern: str, touch: Touch = touch_nothing
) -> dict[str, Callable[[], os.stat_result]]:
    """List names below the folder of the data, sorted folder by folder; each once."""
    top = len(str(data)) + 1
    found = {path[top:]: look for path, look in _matching_any(data, pattern, touch)}
    return {name: found[name] for name in sorted(found, key=_by_folder)}


def _matching_any(data: Path, pattern: str, touch: Touch) -> Iterator[Match]:
    for one in pattern.split(OR):
        yield from _matching(str(data), _parts(one), touch)


@lru_cache(maxsize=1000)  # a list of all datasets asks for as many
def _parts(pattern: str) -> tuple[str, ...]:
    return PurePath(pattern).parts


def _by_folder(name: str) -> str:
    return name.replace(os.sep, "\0")


def _matching(folder: str, parts: tuple[str, ...], touch: Touch) -> Iterator[Match]:
    """Yield what matches the parts of a pattern below a folder; nothing hidden.

    As ``Path.glob``, which looks at each file several times, so that 15,000 take a second.
    """
    part, *rest = parts
    if part == ANY_FOLDERS:
        yield from _matching(folder, tuple(rest), touch) if rest else _files_of(folder, touch)
        for inner in _shown(folder, touch):
            if inner.is_dir(follow_symlinks=False):  # as glob: a link may lead back up
                yield from _matching(inner.path, parts, touch)
    elif not any(letter in part for letter in WILD):
        path = os.path.join(folder, part)  # noqa: PTH118  # for each of thousands
        touch(path)
        if part.startswith(".") or not os.path.lexists(path):
            return
        one_file = ((path, partial(os.stat, path)),)
        yield from _matching(path, tuple(rest), touch) if rest else one_file
    else:
        shown = {one.name: one for one in _shown(folder, touch)}
        for name in fnmatch.filter(shown, part):
            one = shown[name]
            if not rest:
                yield one.path, one.stat
            elif one.is_dir():
                yield from _matching(one.path, tuple(rest), touch)


def _files_of(folder: str, touch: Touch) -> Iterator[Match]:
    yield from ((one.path, one.stat) for one in _shown(folder, touch) if one.is_file())


def _shown(folder: str, touch: Touch) -> list[os.DirEntry[str]]:
    """List what is in a folder and not hidden; nothing of one that cannot be read."""
    touch(folder)
    with suppress(OSError), os.scandir(folder) as entries:
        return [one for one in entries if not one.name.startswith(".")]
    return []
