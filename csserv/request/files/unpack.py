"""Extracts the one file of features from a ZIP of an untrusted sender, within limits."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.request.geojson import one_line

#: most entries of a ZIP
MOST_ENTRIES = 1000

#: most uncompressed bytes of a ZIP
MOST_EXPANDED = 200_000_000

#: first bytes of each entry in a ZIP's central directory
_ENTRY = b"PK\x01\x02"

#: endings of the files of a shapefile
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
    """Extract the one file of features from a ZIP, and return its path.

    The extracted file gets a new name, as names in a ZIP can lead to any folder.

    Parameters
    ----------
    file : name of the ZIP, for error messages
    folder : where to extract
    endings : those that a file of features may have

    Raises
    ------
    InvalidAreaError : it is not a ZIP, or holds no file of features, or several
    AreaTooLargeError : it has too many entries, or they are too large
    """
    # counted before the ZIP is opened: a list of a million entries takes 500 MB
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
    entries = [one for one in archive.infolist() if not _is_litter(one.filename)]
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
    """Extract an entry; its true size may differ from the one stated."""
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
    """Whether an entry is a folder, or one that desktops add (``__MACOSX`` and the like).

    A name may be empty: Python cuts names at a NUL, and ``ZipInfo.is_dir`` fails then.
    """
    parts = PurePosixPath(name).parts
    return not parts or name.endswith("/") or "__MACOSX" in parts or parts[-1].startswith(".")
