"""Extracts the one file of features from a ZIP of an untrusted sender, within limits."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.notes import Note
from csserv.request.files.layers_in_file import several_layers
from csserv.request.plain_text import one_line

#: the file of a KMZ that counts where there are several
DEFAULT = "doc.kml"

#: most entries of a ZIP
MOST_ENTRIES = 1000

#: most uncompressed bytes of a ZIP
MOST_EXPANDED = 200_000_000

#: what is said of a geodatabase
GEODATABASE = "a geodatabase (.gdb), which is not read; save its layer as GeoPackage"

#: first bytes of each entry in a ZIP's central directory
_ENTRY = b"PK\x01\x02"

#: endings of the files of a shapefile
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")

#: how much of a JSON file is looked at, and the members one of which each file of shapes has
_HEAD = 1 << 16
_SHAPES = re.compile(rb'"(features|coordinates|geometry|geometries|objects|geometryType)"\s*:')

#: what damaged ZIPs, and those with a password, raise
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,  # a compression that Python does not know
    RuntimeError,  # a password is needed
    OSError,
    ValueError,
)


@dataclass(frozen=True)
class Taken:
    """A file that was extracted, whether it was chosen of several by its name, and what was not."""

    path: Path
    chosen: bool
    notes: tuple[Note, ...] = ()
    others: tuple[str, ...] = ()


def unpack(
    path: Path,
    file: str,
    folder: Path,
    endings: Sequence[Collection[str]],
    wanted: str = "",
) -> Taken:
    """Extract the one file of features from a ZIP.

    The extracted file gets a new name, as names in a ZIP can lead to any folder.

    Parameters
    ----------
    file : name of the ZIP, for error messages
    folder : where to extract
    endings : those that a file of features may have; the next ones count where it holds none
    wanted : name of the one to take of several, with its ending or without

    Raises
    ------
    InvalidAreaError : it is not a ZIP, or holds no file of features, or several
    AreaTooLargeError : it has too many entries, or they are too large
    """
    _check_count(path, file)
    try:
        with zipfile.ZipFile(path) as archive:
            return _taken(archive, file, folder, endings, wanted)
    except InvalidAreaError:
        raise
    except _BROKEN:
        raise InvalidAreaError(
            f"{file} cannot be read: it is no ZIP, is damaged, or has a password"
        ) from None


def expanded(path: Path, file: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each entry of a ZIP, which is expanded within limits.

    Raises
    ------
    InvalidAreaError : it is not a ZIP
    AreaTooLargeError : it has too many entries, or they are too large
    """
    _check_count(path, file)
    room = MOST_EXPANDED
    try:
        with zipfile.ZipFile(path) as archive:
            for one in archive.infolist():
                content = b"".join(_pieces(archive, one, room, file))
                room -= len(content)
                yield one.filename, content
    except InvalidAreaError:
        raise
    except _BROKEN:
        raise InvalidAreaError(f"{file} cannot be read: it is damaged") from None


def are_named(names: Sequence[str]) -> str:
    """Return the first names of files, behind a verb."""
    return f"{'is' if len(names) == 1 else 'are'} {', '.join(names[:5])}"


def _check_count(path: Path, file: str) -> None:
    # counted before the ZIP is opened: a list of a million entries takes 500 MB
    if path.read_bytes().count(_ENTRY) > MOST_ENTRIES:
        raise AreaTooLargeError(f"{file} has more than {MOST_ENTRIES:,} entries")


def _taken(
    archive: zipfile.ZipFile,
    file: str,
    folder: Path,
    endings: Sequence[Collection[str]],
    wanted: str,
) -> Taken:
    entries = [one for one in archive.infolist() if not _is_litter(one.filename)]
    kinds = ([one for one in entries if _ending(one.filename) in kind] for kind in endings)
    every = next(filter(None, kinds), [])
    same = [one for one in every if wanted in _names(one.filename)] if len(every) > 1 else []
    notes: tuple[Note, ...] = ()
    main = [one for one in same if one_line(one.filename) == wanted] or same or every
    if len(main) > 1:
        main, notes = _one_form([one for one in main if _has_shapes(archive, one)] or main, endings)
    if not main:
        raise InvalidAreaError(f"{file} {_nothing(entries, endings[0])}")
    if len(main) > 1:
        choices = _choices([one.filename for one in main])
        if wanted not in ("", DEFAULT):
            some = ", ".join([*choices.values()][:10]) + (", …" if len(choices) > 10 else "")
            raise InvalidAreaError(f"{file} has no layer {one_line(wanted)!r}; it has {some}")
        raise several_layers(file, "files of shapes", choices)
    stem = PurePosixPath(main[0].filename).with_suffix("")
    parts = [one for one in entries if PurePosixPath(one.filename).with_suffix("") == stem]
    parts = [one for one in parts if _ending(one.filename) in _PARTS]
    extracted = parts if _ending(main[0].filename) == ".shp" else main
    room = MOST_EXPANDED
    _check_room(sum(one.file_size for one in extracted), room, file)
    for one in extracted:
        room -= _expand(archive, one, folder / f"area{_ending(one.filename)}", room, file)
    others = tuple(one_line(one.filename) for one in every if same and one not in main)
    return Taken(folder / f"area{_ending(main[0].filename)}", bool(same), notes, others)


def _has_shapes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Whether a file may hold shapes: JSON may as well tell about those of another file."""
    if _ending(entry.filename) != ".json":
        return True
    with archive.open(entry) as packed:
        return bool(_SHAPES.search(packed.read(_HEAD)))


def _one_form(
    entries: Sequence[zipfile.ZipInfo], endings: Sequence[Collection[str]]
) -> tuple[list[zipfile.ZipInfo], tuple[Note, ...]]:
    """Of files that differ by nothing but their endings, take one: they are forms of the same."""
    ranks = {ending: rank for rank, ending in enumerate(chain(*endings))}
    by_stem: dict[PurePosixPath, list[zipfile.ZipInfo]] = defaultdict(list)
    for entry in sorted(entries, key=lambda one: ranks[_ending(one.filename)]):
        by_stem[PurePosixPath(entry.filename).with_suffix("")].append(entry)
    kept = [one for one in entries if one in [forms[0] for forms in by_stem.values()]]
    others = [one_line(one.filename) for one in entries if one not in kept]
    if len(kept) > 1 or not others:
        return kept, ()
    said = f"zones are those of {one_line(kept[0].filename)}; left out {are_named(others)}"
    return kept, (Note("zones", f"{said}, the same by its name"),)


def _names(name: str) -> tuple[str, ...]:
    """Return the names by which an entry may be chosen."""
    path = PurePosixPath(name)
    return one_line(name), path.name, path.stem


def _choices(paths: Sequence[str]) -> dict[str, str]:
    """Return the shortest name by which each entry is chosen → the whole one."""
    names = [one_line(PurePosixPath(path).name) for path in paths]
    whole = [one_line(path) for path in paths]
    return dict(zip(names if len(set(names)) == len(names) else whole, whole, strict=True))


def _nothing(entries: Sequence[zipfile.ZipInfo], endings: Collection[str]) -> str:
    """Say how to go on where a ZIP holds no file of features."""
    if any(".gdb/" in one.filename.lower() for one in entries):
        return f"holds {GEODATABASE}"
    if inner := [one for one in entries if _ending(one.filename) in (".zip", ".kmz")]:
        name = one_line(inner[0].filename)
        return f"holds {name}, which is packed again; unpack it, and give what is in it"
    return f"holds no files of shapes; one is needed, that ends in {', '.join(endings)}"


def _expand(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, room: int, file: str
) -> int:
    """Extract an entry, and return its size [bytes]."""
    size = 0
    with target.open("wb") as plain:
        for piece in _pieces(archive, entry, room, file):
            size += plain.write(piece)
    return size


def _pieces(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int, file: str
) -> Iterator[bytes]:
    """Yield the content of an entry; its true size may differ from the one stated."""
    size = 0
    with archive.open(entry) as packed:
        while piece := packed.read(1 << 20):
            size += len(piece)
            _check_room(size, room, file)
            yield piece


def _check_room(size: int, room: int, file: str) -> None:
    if size > room:
        raise AreaTooLargeError(
            f"{file} becomes larger than {MOST_EXPANDED / 1e6:,.0f} MB when it is expanded"
        )


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _is_litter(name: str) -> bool:
    """Whether an entry is a folder, or one that desktops add (``__MACOSX`` and the like).

    A name may be empty: Python cuts names at a NUL, and ``ZipInfo.is_dir`` fails then.
    """
    parts = PurePosixPath(name).parts
    return not parts or name.endswith("/") or "__MACOSX" in parts or parts[-1].startswith(".")
