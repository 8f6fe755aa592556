"""TIFFs that are packed with gzip: unpacked into memory, and never more than a TIFF may take."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from csserv.errors import UnnamedFileError

GZIP = b"\x1f\x8b"

#: how a TIFF begins: of either byte order, also a BigTIFF
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

#: how much of a packed file is unpacked for its header: writers put it first, or at the end [bytes]
BEGINNING = 2**20

#: the most that is unpacked; a global grid of 0.05 degrees takes 100 MB [bytes]
MOST = 2**30


def is_packed(path: Path) -> bool:
    """Whether a file is packed with gzip."""
    with path.open("rb") as file:
        return file.read(2) == GZIP


def begins_as_tiff(path: Path) -> bool:
    """Whether a file is a TIFF, packed with gzip or not."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        return head.startswith(TIFF) or (
            head.startswith(GZIP)
            and zlib.decompressobj(wbits=31).decompress(head, 4).startswith(TIFF)
        )
    except (OSError, zlib.error):
        return False


def unpack_beginning(path: Path) -> bytes:
    """Unpack the first part of a file, for :func:`unpack_tiff`'s errors."""
    return _unpack(path, BEGINNING)


def unpack_tiff(path: Path, most: int = MOST) -> bytes:
    """Unpack a file.

    Raises
    ------
    UnnamedFileError : it is cut short or damaged, or holds more than ``most`` bytes
    """
    found = _unpack(path, most + 1)
    if len(found) > most:
        raise UnnamedFileError(
            f"more than {most:,} bytes are packed in it, which is more than its map takes, or too "
            f"much to be unpacked each time; look into it: gunzip {path.name}"
        )
    return found


def _unpack(path: Path, most: int) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read(most)
    except EOFError:
        raise UnnamedFileError(
            "it is packed with gzip, and cut short; fetch or copy it again"
        ) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UnnamedFileError(f"it is packed with gzip, and damaged ({error})") from None
