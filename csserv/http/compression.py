"""Compresses answers for callers that take them so."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from tornado.httputil import HTTPHeaders

#: shorter answers are not worth it [bytes]
LEAST = 1000

#: of 1 to 9; higher ones take twice as long and save 3 % of a series
LEVEL = 5


def takes_gzip(headers: HTTPHeaders) -> bool:
    """Whether a caller takes gzip (RFC 9110, section 12.5.3).

    >>> takes_gzip(HTTPHeaders({"Accept-Encoding": "br, gzip;q=0.5"}))
    True
    >>> takes_gzip(HTTPHeaders({"Accept-Encoding": "gzip;q=0, identity"}))
    False
    """
    for part in headers.get("Accept-Encoding", "").lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() in ("gzip", "x-gzip", "*"):
            return quality.replace(" ", "").rstrip("0.") != "q="
    return False


def compressed(content: bytes) -> bytes:
    """Compress an answer; the same content gives the same bytes."""
    return gzip.compress(content, LEVEL, mtime=0)


def compress_file(source: Path, target: Path) -> None:
    """Write a compressed copy of a file."""
    with (
        source.open("rb") as plain,
        target.open("wb") as file,
        gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed, 1 << 20)
