"""How the texts of a shapefile or table are encoded: as it says, as UTF-8, or as is told."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from csserv.errors import InvalidAreaError
from csserv.notes import Note

#: what is taken where nothing says otherwise, and texts are no UTF-8
USUAL = "cp1252"

_UTF8 = "utf-8"


@dataclass(frozen=True)
class Encoding:
    """An encoding, and what was assumed to find it."""

    name: str
    notes: tuple[Note, ...] = ()

    def decode(self, text: str) -> str:
        """Decode a text that was read byte by byte, as ISO-8859-1."""
        raw = text.encode("latin-1", "replace")
        found: str = codecs.getincrementaldecoder(self.name)("replace").decode(raw)
        return found


def find_encoding(texts: Iterable[str], stated: str, wanted: str, file: str) -> Encoding:
    """Find the encoding of texts that were read byte by byte.

    Parameters
    ----------
    stated : what the file says, as its .cpg; empty where it says nothing
    wanted : what a person says; it counts more

    Raises
    ------
    InvalidAreaError : an unknown encoding, or one that the texts are not in
    """
    raw = [text.encode("latin-1", "replace") for text in texts if not text.isascii()]
    if wanted:
        return _checked(_codec(wanted), wanted, raw, f"{file}: texts are not in {wanted}")
    if stated and (codec := _codec(stated)):
        why = f"{file}: texts are not in {stated}, as its .cpg says; say their encoding"
        return _checked(codec, stated, raw, why)
    if _fits(_UTF8, raw):
        return Encoding(_UTF8)
    said = "texts are read as those of western Europe (cp1252), as nothing says their encoding"
    return Encoding(USUAL, (Note("zones", f"{said}; if names look wrong, say it (encoding)"),))


def decode_text(raw: bytes, wanted: str, file: str) -> tuple[str, tuple[Note, ...]]:
    """Decode a whole file, and tell what was assumed of its encoding.

    Raises
    ------
    InvalidAreaError : an unknown encoding, or one that the text is not in
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not wanted:
        return raw.decode("utf-16", "replace"), ()
    found = find_encoding([raw.decode("latin-1")], "", wanted, file)
    text = raw.decode("utf-8-sig" if found.name == _UTF8 else found.name, "replace")
    return text, found.notes


def _checked(codec: str, given: str, raw: Sequence[bytes], why: str) -> Encoding:
    if not codec:
        raise InvalidAreaError(f"unknown encoding {given!r}; write it as utf-8, cp1252 or cp1256")
    if not _fits(codec, raw):
        raise InvalidAreaError(f"{why}, such as cp1252 or cp1256 (encoding)")
    return Encoding(codec)


def _codec(given: str) -> str:
    """Return Python's name of an encoding; empty for an unknown one.

    >>> [_codec(text) for text in ("ANSI 1256", "UTF8", "65001", "88596", "ISO 8859-1", "OEM 850")]
    ['cp1256', 'utf-8', 'utf-8', 'iso8859-6', 'iso8859-1', 'cp850']
    """
    plain = given.strip().casefold()
    digits = "".join(re.findall(r"\d+", plain))
    if plain in ("utf8", "utf-8", "65001", "cp65001"):
        return _UTF8
    if digits.startswith("8859"):
        return _known(f"iso8859-{digits[4:]}")
    return _known(plain) or _known(f"cp{digits}")


def _known(name: str) -> str:
    try:
        found = codecs.lookup(name)
        "".encode(name)  # not those that turn bytes into bytes
    except (LookupError, ValueError, TypeError):
        return ""
    return found.name


def _fits(codec: str, raw: Iterable[bytes]) -> bool:
    """Whether all texts can be decoded; the last letter of one may be cut off."""
    try:
        for one in raw:
            codecs.getincrementaldecoder(codec)().decode(one)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
