"""Judges the answers of providers: what may pass, what is refused and why, what is not there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from csserv.errors import FetchError

#: answers that may be another one a little later
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

#: failures of the network that may pass
BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)

#: why an answer is refused: of each number, what can be done
REFUSED = {
    401: "it asks for a login",
    403: "it refuses access",
    407: "the proxy of this network asks for a login",
    451: "it may not be read from here, by law",
}

#: where a refusal in JSON says why, the most telling first
REASONS = ("detail", "message", "errors", "error", "title")

#: bytes of a refusal that are read, and letters of it that are told
READ, TOLD = 2**16, 300


class NotThereError(FetchError):
    """The provider has no such file, or not yet."""


class ComeBackError(FetchError):
    """The provider wants to be left alone for long: nothing more is asked of it now."""


class PassingError(Exception):
    """A refusal that may pass.

    Attributes
    ----------
    wait : how long the provider asks to wait [s]; None if it does not say
    """

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.why, self.wait = why, wait


def check_answer(answer: requests.Response, address: str, login: str) -> None:
    """Let pass what is an answer: one of the 2xx, or 416.

    Parameters
    ----------
    login : how to get an account, told where one is asked for

    Raises
    ------
    NotThereError, PassingError, FetchError : what it is instead
    """
    code = answer.status_code
    if code in (404, 410):
        raise NotThereError(f"{address} is not there ({code}){said(answer)}")
    if code in PASSING:
        why = f"the provider answers {code} {answer.reason}"
        raise PassingError(why, retry_after(answer.headers.get("Retry-After")))
    if code == 416 or 200 <= code < 300:
        return
    why = REFUSED.get(code, f"the provider answers {answer.reason}")
    machine = urlsplit(answer.url).netloc
    advice = f"; {login}" if code in (401, 403) and login else ""
    raise FetchError(f"{address}: {why} ({code} of {machine}){said(answer)}{advice}")


def said(answer: requests.Response) -> str:
    """Return what a refusal says of its reason, behind a colon; empty if it is no JSON."""
    if "json" not in answer.headers.get("Content-Type", ""):
        return ""
    try:
        read = json.loads(answer.raw.read(READ, decode_content=True))
    except (OSError, ValueError, urllib3.exceptions.HTTPError):
        return ""
    found = reason_in(read)
    return f": {found}" if found else ""


def reason_in(read: Any) -> str:
    """Return the reason that an answer in JSON gives; empty if it gives none."""
    if not isinstance(read, dict):
        return ""
    reason = next((read[name] for name in REASONS if read.get(name)), "")
    if isinstance(reason, list):
        reason = "; ".join(map(str, reason))
    return " ".join(str(reason).split())[:TOLD]


def retry_after(text: str | None) -> float | None:
    """Read how long to wait [s]: seconds, or a date; None if nothing usable is said.

    >>> retry_after("120")
    120.0
    """
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def trouble(error: BaseException) -> str:
    """Say in words why nobody answered."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted here"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy of this network does not let it through"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError) or "Incomplete" in str(error):
        return "the answer broke off"
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "it sends from address to address without end"
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return "its answer is not packed as it says"
    if isinstance(error, requests.ConnectionError):
        return "no connection; is there a network here, and a proxy to be set?"
    return type(error).__name__
