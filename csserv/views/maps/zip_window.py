"""A file that lies in a ZIP as it is, without being unpacked."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

#: of the head of a file in a ZIP, before its name [bytes]
HEAD = 30


class Window(io.RawIOBase):
    """A part of a file, as a file; what is far within it is reached at once."""

    def __init__(self, path: Path, start: int, size: int) -> None:
        self._file = path.open("rb")
        self._start, self._size, self._at = start, size, 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # io's own type has no name
        """Read from there on."""
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


def stored(path: Path) -> Window:
    """Open the one file that a ZIP holds.

    Raises
    ------
    zipfile.BadZipFile : it is packed
    """
    with zipfile.ZipFile(path) as archive:
        [inner] = archive.infolist()
    if inner.compress_type != zipfile.ZIP_STORED:
        raise zipfile.BadZipFile(f"{inner.filename} is packed")
    with path.open("rb") as file:
        file.seek(inner.header_offset)
        head = file.read(HEAD)
    name, extra = (int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
    return Window(path, inner.header_offset + HEAD + name + extra, inner.file_size)
