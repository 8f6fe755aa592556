"""The logo of an institute, as all formats of reports take it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from csserv.errors import SettingsError

#: longest side; a larger picture is made smaller, as files with it are sent by mail [pixels]
LONGEST = 1200

#: largest width and height on paper [mm]
ROOM = (60, 18)

#: modes that PNG has, and all formats show alike
MODES = ("L", "LA", "P", "RGB", "RGBA")


@dataclass(frozen=True)
class Logo:
    """A picture, as PNG, and its size [pixels]."""

    png: bytes
    width: int
    height: int

    @property
    def size(self) -> tuple[float, float]:
        """The largest width and height in its proportions that fit the room for a logo [mm]."""
        scale = min(ROOM[0] / self.width, ROOM[1] / self.height)
        return self.width * scale, self.height * scale


def read_logo(path: Path) -> Logo:
    """Read a picture.

    Raises
    ------
    SettingsError : it is none, or damaged
    """
    written = io.BytesIO()
    try:
        with Image.open(path) as picture:
            picture.thumbnail((LONGEST, LONGEST))
            shown = picture if picture.mode in MODES else picture.convert("RGB")
            shown.save(written, "PNG")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise SettingsError(f"{path} cannot be read as a picture: {error}") from None
    return Logo(written.getvalue(), *shown.size)
