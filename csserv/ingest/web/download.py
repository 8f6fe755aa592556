"""Downloads one file: goes on where an earlier try ended, and knows what a whole file is."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from csserv.errors import DiskFullError, FetchError
from csserv.ingest.web.asking import Web
from csserv.outputs.durable import replace_file, sync

#: bytes that are read at once
PART = 2**18

#: a download that is slower for so long is begun again [bytes/s, s]
SLOWEST, WINDOW = 1000.0, 60.0

#: first bytes of what is a page, in small letters
PAGES = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<body")

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
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
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
    asked = {"Accept-Encoding": "identity"}
    if have and before.validator:
        asked |= {"Range": f"bytes={have}-", "If-Range": before.validator}
    with web.ask("GET", address, asked) as answer:
        if answer.status_code == 416:  # it is shorter now, or we have all of it
            part.unlink()
            return _once(web, address, part, told)
        start = _start(answer, have)
        version = _version_of(answer, address, start)
        _refuse_page(answer, address, web.login)
        if version.total and version.total > LARGEST:
            raise FetchError(f"{address} would be {version.total / 1e9:.0f} GB; that is refused")
        replace_file(_note(part), json.dumps(asdict(version)).encode())
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            _receive(web, answer, file.write, told, start, address)
            os.fsync(file.fileno())
    size = part.stat().st_size
    if version.total is not None and size != version.total:
        if size > version.total:
            part.unlink()
        raise requests.ConnectionError("Incomplete")
    return version


def _receive(
    web: Web,
    answer: requests.Response,
    write: Callable[[bytes], object],
    told: Told,
    start: int,
    address: str,
) -> None:
    """Write the body as it comes."""
    begun, count, first = time.monotonic(), 0, start == 0
    for piece in answer.iter_content(PART):
        web.check_stop()
        if first and piece.lstrip()[:15].lower().startswith(PAGES):
            raise FetchError(_page_said(address, answer.url, web.login))
        first = False
        write(piece)
        count += len(piece)
        told(start + count)
        if start + count > LARGEST:
            raise FetchError(f"{address} does not end")
        if time.monotonic() - begun > WINDOW:
            if count < SLOWEST * WINDOW:
                raise requests.Timeout
            begun, count, start = time.monotonic(), 0, start + count


def _start(answer: requests.Response, have: int) -> int:
    """Say where the answer begins: where we are, or at 0 if the whole file comes."""
    if answer.status_code != 206:
        return 0
    said = answer.headers.get("Content-Range", "")
    begins = said.removeprefix("bytes ").split("-")[0]
    if not begins.isdigit() or int(begins) != have:
        raise FetchError(f"{answer.url} sends another part than was asked for: {said!r}")
    return have


def _version_of(answer: requests.Response, address: str, start: int) -> _Version:
    length = answer.headers.get("Content-Length", "")
    encoded = answer.headers.get("Content-Encoding", "identity") not in ("identity", "")
    total = start + int(length) if length.isdigit() and not encoded else None
    etag, modified = (answer.headers.get(name, "") for name in ("ETag", "Last-Modified"))
    return _Version(address, etag, modified, total)


def _refuse_page(answer: requests.Response, address: str, login: str) -> None:
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        raise FetchError(_page_said(address, answer.url, login))


def _page_said(address: str, url: str, login: str) -> str:
    via = "" if url == address else f" (of {url.split('?')[0]})"
    advice = login or "a login, a proxy or an error page is in between"
    return f"{address} gives a web page{via} in place of data: {advice}"


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _read_note(part: Path) -> _Version:
    try:
        return _Version(**json.loads(_note(part).read_bytes()))
    except (OSError, ValueError, TypeError):
        return _Version("")
