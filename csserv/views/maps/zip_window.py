"""Random access to an uncompressed file inside a ZIP file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

#: size of the header of a file in a ZIP file, before its name [bytes]
HEADER_SIZE = 30


class ZipWindow(io.RawIOBase):
    """A part of a file, as a read-only file of its own.

    Parameters
    ----------
    path : the whole file
    start, size : of the part [bytes]
    """

    def __init__(self, path: Path, start: int, size: int) -> None:
        self._file = path.open("rb")
        self._start, self._size, self._at = start, size, 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position; return it [bytes]."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # io's own type has no name
        """Read from the position on; return the number of bytes."""
        wanted = max(0, min(len(buffer), self._size - self._at))
        self._file.seek(self._start + self._at)
        data = self._file.read(wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def open_stored(path: Path) -> ZipWindow:
    """Open the only file in a ZIP file.

    Raises
    ------
    zipfile.BadZipFile : the file is compressed
    """
    with zipfile.ZipFile(path) as archive:
        [inner] = archive.infolist()
    if inner.compress_type != zipfile.ZIP_STORED:
        raise zipfile.BadZipFile(f"{inner.filename} is packed")
    with path.open("rb") as file:
        file.seek(inner.header_offset)
        head = file.read(HEADER_SIZE)
    name, extra = (int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
    return ZipWindow(path, inner.header_offset + HEADER_SIZE + name + extra, inner.file_size)
