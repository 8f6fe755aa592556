"""Conditions of requests: If-Match, If-Unmodified-Since and If-Range (RFC 9110, section 13)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: an entity tag, weak or strong
TAG = re.compile(r'(?:W/)?"[^"]*"')


def fails(headers: Mapping[str, str], etag: str, modified: datetime) -> bool:
    """Whether a request is meant for another version of a file than the one that is there.

    Parameters
    ----------
    etag : strong entity tag of the file, in quotes
    modified : when the file was last changed
    """
    wanted = headers.get("If-Match")
    if wanted is not None:
        return wanted.strip() != "*" and etag not in TAG.findall(wanted)
    moment = _moment(headers.get("If-Unmodified-Since"))
    return moment is not None and modified.replace(microsecond=0) > moment


def range_holds(headers: Mapping[str, str], etag: str, modified: datetime) -> bool:
    """Whether a range may be sent: it is of the version that the caller has a part of."""
    condition = headers.get("If-Range", "").strip()
    if not condition:
        return True
    if TAG.fullmatch(condition):
        return condition == etag
    return _moment(condition) == modified.replace(microsecond=0)


def _moment(text: str | None) -> datetime | None:
    """Read a date of HTTP; None if it is none, which is as if it were not there."""
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
