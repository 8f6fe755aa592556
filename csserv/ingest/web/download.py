"""Downloads one file: goes on where an earlier try ended, and knows what a whole file is."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import requests

from csserv.errors import DiskFullError, FetchError
from csserv.ingest.web.answers import NotThereError, PassingError
from csserv.ingest.web.asking import Web
from csserv.ingest.web.checksums import checksum_in, is_of
from csserv.ingest.web.receiving import pieces
from csserv.machine.written_whole import sync
from csserv.outputs.durable import replace_file

#: how pages begin, in small letters
PAGES = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<body", b"<!--", b"<script", b"<meta")

#: bytes that tell a page from data
BEGIN = 64

#: most bytes of one file
LARGEST = 200 * 2**30

Told = Callable[[int], object]


@dataclass(frozen=True)
class Downloaded:
    """A whole file, and what the provider says of it.

    Attributes
    ----------
    etag, modified : the provider's names of this version; empty if it gives none
    sha256 : of its bytes
    """

    path: Path
    address: str
    size: int
    etag: str
    modified: str
    sha256: str


@dataclass(frozen=True)
class _Version:
    """What a part of a file is a part of."""

    address: str
    etag: str = ""
    modified: str = ""
    total: int | None = None
    checksum: str = ""

    @property
    def validator(self) -> str:
        """What a server compares before it goes on: a strong ETag, else the date."""
        strong = self.etag if self.etag and not self.etag.startswith("W/") else ""
        return strong or self.modified


def download(web: Web, address: str, target: Path, told: Told = lambda _: None) -> Downloaded:
    """Download a file; what an earlier try has of the same version is kept.

    Parameters
    ----------
    target : gets the file, once it is whole; meanwhile ``<target>.part`` does
    told : called with the number of bytes that have come

    Raises
    ------
    NotThereError : there is no such file
    FetchError : it cannot be had; says why
    FetchCancelledError : it was stopped
    DiskFullError : no room for it
    """
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        version: _Version = web.attempt(address, lambda: _once(web, address, part, told))
        size = part.stat().st_size
        sync(part)
        part.replace(target)
    except OSError as error:
        raise DiskFullError(f"cannot write {part}: {error.strerror}") from None
    _note(part).unlink(missing_ok=True)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Downloaded(target, address, size, version.etag, version.modified, digest)


def _once(web: Web, address: str, part: Path, told: Told) -> _Version:
    """Get what is lacking of a file."""
    before = _read_note(part)
    have = part.stat().st_size if part.exists() and before.address == address else 0
    asked, is_part = {"Accept-Encoding": "identity"}, bool(have and before.validator)
    if is_part:
        asked |= {"Range": f"bytes={have}-", "If-Range": before.validator}
    with web.ask("GET", address, asked) as answer:
        start = _start(answer, have if is_part else 0, before, part)
        _refuse_page(answer, address, web)
        version = _version_of(answer, address)
        if version.total and version.total > LARGEST:
            raise FetchError(f"{address} would be {version.total / 1e9:.0f} GB; that is refused")
        replace_file(_note(part), json.dumps(asdict(version)).encode())
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            _receive(web, answer, file, told, address)
            os.fsync(file.fileno())
    _check_whole(part, version)
    return version


def _check_whole(part: Path, version: _Version) -> None:
    """See that a file is what the provider has announced."""
    size = part.stat().st_size
    if version.total is not None and size < version.total:
        raise requests.ConnectionError("Incomplete")
    if not size:
        _forget(part)
        raise FetchError(f"{version.address} is empty")
    if version.total is not None and size > version.total:
        _forget(part)
        raise PassingError("more came than was announced")
    if not is_of(part, version.checksum):
        _forget(part)
        raise PassingError("what comes has another checksum than the provider gives")


def _receive(
    web: Web, answer: requests.Response, file: IO[bytes], told: Told, address: str
) -> None:
    """Write the body as it comes; ``file`` stands where it begins."""
    start, begin = file.tell(), b""
    begun, count, done = time.monotonic(), 0, start
    for piece in pieces(answer):
        web.check_stop()
        if start == 0 and len(begin) < BEGIN:
            begin += piece[:BEGIN]
            if _is_page(begin):
                file.truncate(0)
                raise _page_came(address, answer.url, web)
        file.write(piece)
        count, done = count + len(piece), done + len(piece)
        told(done)
        if done > LARGEST:
            raise FetchError(f"{address} does not end")
        if time.monotonic() - begun > web.pace.window:
            if count < web.pace.slowest * web.pace.window:
                raise requests.Timeout
            begun, count = time.monotonic(), 0


def _start(answer: requests.Response, have: int, before: _Version, part: Path) -> int:
    """Say where the answer begins: where we are, or at 0 if the whole file comes.

    Raises
    ------
    PassingError : it is another part, or one of another version; what we have is forgotten
    """
    if answer.status_code == 200:
        return 0
    begins, total = _range_of(answer)
    etag = answer.headers.get("ETag", before.etag)
    right = answer.status_code == 206 and begins == have and total is not None
    if not right or etag != before.etag or before.total not in (None, total):
        _forget(part)
        raise PassingError(
            f"the provider sends another part than is asked for ({answer.status_code})"
        )
    return have


def _range_of(answer: requests.Response) -> tuple[int | None, int | None]:
    """Read where a part begins, and how large the whole file is."""
    said = answer.headers.get("Content-Range", "")
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", said.strip())
    return (int(found[1]), int(found[2])) if found else (None, None)


def _version_of(answer: requests.Response, address: str) -> _Version:
    """Read what the provider says of the whole file.

    What is packed on the way has no validator, as its parts cannot be counted in our bytes.
    """
    length, headers = answer.headers.get("Content-Length", ""), answer.headers
    is_part = answer.status_code == 206
    checksum = checksum_in(headers, is_part)
    if headers.get("Content-Encoding", "identity") not in ("identity", ""):
        return _Version(address)
    total = _range_of(answer)[1] if is_part else int(length) if length.isdecimal() else None
    etag, modified = (headers.get(name, "") for name in ("ETag", "Last-Modified"))
    return _Version(address, etag, modified, total, checksum)


def _refuse_page(answer: requests.Response, address: str, web: Web) -> None:
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        raise _page_came(address, answer.url, web)


def _is_page(begin: bytes) -> bool:
    return begin.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(PAGES)


def _page_came(address: str, url: str, web: Web) -> FetchError:
    if web.sent_to_login and urlsplit(url).netloc == urlsplit(address).netloc:
        return NotThereError(f"{address} gives a web page in place of data: it is not there yet")
    via = "" if url == address else f" (of {url.split('?')[0]})"
    advice = web.login or "a login, a proxy or an error page is in between"
    return FetchError(f"{address} gives a web page{via} in place of data: {advice}")


def _forget(part: Path) -> None:
    """Begin anew the next time."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _read_note(part: Path) -> _Version:
    try:
        return _Version(**json.loads(_note(part).read_bytes()))
    except (OSError, ValueError, TypeError):
        return _Version("")
