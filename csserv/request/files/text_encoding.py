"""How the texts of a shapefile or table are encoded: as it says, as UTF-8, or as is told."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.plain_text import one_line

#: what is taken where nothing says otherwise, and texts are no UTF-8
USUAL = "cp1252"

_UTF8 = "utf-8"

#: bytes that cp1252 has no letter for
_UNSHOWN = "\x81\x8d\x8f\x90\x9d"


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
        if codec != _UTF8 and raw and _fits(_UTF8, raw):
            said = (
                f"texts are read as UTF-8, which they are in, though the .cpg says {stated.strip()}"
            )
            return Encoding(
                _UTF8, (Note("zones", f"{said}; if names look wrong, say it (encoding)"),)
            )
        why = f"{file}: texts are not in {stated}, as its .cpg says; say their encoding"
        return _checked(codec, stated, raw, why)
    if _fits(_UTF8, raw):
        return Encoding(_UTF8)
    why = "nothing says their encoding"
    if stated.strip():
        why = f"the encoding that the .cpg says, {one_line(stated)!r}, is not known"
    said = f"texts are read as those of western Europe (cp1252), as {why}"
    return Encoding(USUAL, (Note("zones", f"{said}; if names look wrong, say it (encoding)"),))


def decode_text(raw: bytes, wanted: str, file: str) -> tuple[str, tuple[Note, ...]]:
    """Decode a whole file, and tell what was assumed of its encoding.

    Raises
    ------
    InvalidAreaError : an unknown encoding, or one that the text is not in
    """
    if not wanted and (wide := _wide(raw)):
        return raw.decode(wide, "replace"), ()
    found = find_encoding([raw.decode("latin-1")], "", wanted, file)
    text = raw.decode("utf-8-sig" if found.name == _UTF8 else found.name, "replace")
    return text, found.notes


def _wide(raw: bytes) -> str:
    """Return the encoding of a text of two bytes a letter, marked or not; empty for others."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first = raw[:1000]
    for name, zeros in (("utf-16-le", first[1::2]), ("utf-16-be", first[::2])):
        if len(zeros) > 4 and zeros.count(0) > 0.8 * len(zeros):
            return name
    return ""


def garbled_note(names: Sequence[str], fields: Iterable[str]) -> tuple[Note, ...]:
    """Tell where names, or those of fields, were garbled before they came into the file."""
    for text in (*names, *fields):
        if "\ufffd" in text:
            why = "some of its letters were lost when it was saved"
        elif (meant := ungarbled(text)) != text:
            why = f"it may mean {meant}, which was read in a wrong encoding when it was saved"
        else:
            continue
        said = f"{one_line(text)} looks garbled: {why}; read the original with its own (encoding)"
        return (Note("zones", said),)
    return ()


def ungarbled(text: str) -> str:
    """Return what a text was before its UTF-8 was read as cp1252; another text as it is.

    >>> ungarbled("L\u00c3\u00a4nge"), ungarbled("Länge")
    ('Länge', 'Länge')
    """
    if text.isascii():
        return text
    try:
        return b"".join(map(_byte, text)).decode(_UTF8)
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def _byte(letter: str) -> bytes:
    """Return the byte that cp1252 shows so; it shows none for five of them."""
    return letter.encode("latin-1" if letter in _UNSHOWN else USUAL)


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
