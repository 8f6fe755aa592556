"""ZIP files of anybody's making: one set of shapes is taken out, within bounds."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.request.geojson import one_line

#: most entries of a file
MOST_ENTRIES = 1000

#: most that may come out of one file [bytes]
MOST_EXPANDED = 200_000_000

#: how each entry of the list of contents begins
_ENTRY = b"PK\x01\x02"

#: what belongs to a .shp
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")

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


def unpack(path: Path, file: str, folder: Path, endings: Collection[str]) -> Path:
    """Take the one file of shapes out of a ZIP; return where it is.

    It gets a name of ours: names in a ZIP can lead anywhere.

    Parameters
    ----------
    file : what the ZIP is called
    folder : where to put it
    endings : what a file of shapes may end in

    Raises
    ------
    InvalidAreaError : it is no ZIP, or holds none, or several
    AreaTooLargeError : it holds too much
    """
    # counted before it is opened: a list of a million entries takes 500 MB
    if path.read_bytes().count(_ENTRY) > MOST_ENTRIES:
        raise AreaTooLargeError(f"{file} has more than {MOST_ENTRIES:,} entries")
    try:
        with zipfile.ZipFile(path) as archive:
            return _taken(archive, file, folder, endings)
    except InvalidAreaError:
        raise
    except _BROKEN as error:
        raise InvalidAreaError(f"{file} cannot be read: {one_line(error)}") from None


def _taken(archive: zipfile.ZipFile, file: str, folder: Path, endings: Collection[str]) -> Path:
    entries = [one for one in archive.infolist() if not (one.is_dir() or _is_litter(one.filename))]
    main = [one for one in entries if _ending(one.filename) in endings]
    if len(main) != 1:
        names = ", ".join(one_line(one.filename) for one in main[:3])
        raise InvalidAreaError(
            f"{file} holds {len(main) or 'no'} files of shapes{names and f' ({names})'}; "
            f"one is needed, that ends in {', '.join(endings)}"
        )
    stem = PurePosixPath(main[0].filename).with_suffix("")
    wanted = (
        main
        if _ending(main[0].filename) != ".shp"
        else [
            one
            for one in entries
            if PurePosixPath(one.filename).with_suffix("") == stem
            and _ending(one.filename) in _PARTS
        ]
    )
    room = MOST_EXPANDED
    _check_room(sum(one.file_size for one in wanted), room, file)
    for one in wanted:
        room -= _expand(archive, one, folder / f"area{_ending(one.filename)}", room, file)
    return folder / f"area{_ending(main[0].filename)}"


def _expand(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, room: int, file: str
) -> int:
    """Write an entry as a file; its true size may be another than it says."""
    size = 0
    with archive.open(entry) as packed, target.open("wb") as plain:
        while piece := packed.read(1 << 20):
            size += len(piece)
            _check_room(size, room, file)
            plain.write(piece)
    return size


def _check_room(size: int, room: int, file: str) -> None:
    if size > room:
        raise AreaTooLargeError(
            f"{file} becomes larger than {MOST_EXPANDED / 1e6:,.0f} MB when it is expanded"
        )


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _is_litter(name: str) -> bool:
    """Whether a file is one of those that a desktop puts beside each other file."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or (bool(parts) and parts[-1].startswith("."))
