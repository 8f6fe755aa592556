"""Checksums that providers send with a file."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

#: names that headers have for ways to sum, those that are trusted most first → Python's
WAYS = {"sha-512": "sha512", "sha-256": "sha256", "sha": "sha1", "md5": "md5"}


def checksum_in(headers: Mapping[str, str], is_part: bool) -> str:
    """Return the checksum of the whole file, as ``way:hexadecimal``; empty if none is given.

    Parameters
    ----------
    is_part : whether part of a file comes; ``Content-MD5`` is of that part then

    >>> checksum_in({"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, False)
    'md5:d41d8cd98f00b204e9800998ecf8427e'
    """
    given = {"md5": headers.get("Content-MD5", "")} if not is_part else {}
    for name in ("Digest", "Repr-Digest"):
        for one in headers.get(name, "").split(","):
            way, _, text = one.strip().partition("=")
            given[way.lower()] = text.strip().strip(":")
    for way, known in WAYS.items():
        if found := _hexadecimal(given.get(way, ""), hashlib.new(known).digest_size):
            return f"{known}:{found}"
    return ""


def is_of(path: Path, checksum: str) -> bool:
    """Whether a file has a checksum; any has an empty one."""
    way, _, wanted = checksum.partition(":")
    if not wanted:
        return True
    with path.open("rb") as file:
        return hashlib.file_digest(file, way).hexdigest() == wanted


def _hexadecimal(text: str, size: int) -> str:
    """Turn base 64 into hexadecimal; empty for what is no checksum of so many bytes."""
    if not re.fullmatch(r"[A-Za-z0-9+/]+=*", text):
        return ""
    try:
        read = base64.b64decode(text)
    except binascii.Error:
        return ""
    return read.hex() if len(read) == size else ""
