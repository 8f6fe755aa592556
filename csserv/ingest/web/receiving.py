"""Receives the body of an answer as it comes, so that a slow one can be seen and stopped."""

from __future__ import annotations

from collections.abc import Iterator

import requests
import urllib3

#: most bytes that are taken at once
PART = 2**18


def pieces(answer: requests.Response) -> Iterator[bytes]:
    """Yield what has come, as soon as it has.

    ``iter_content`` waits until a whole part is there: of a server that drips, for hours.

    Raises
    ------
    requests.RequestException : it breaks off, falls silent or is not packed as it says
    """
    try:
        while piece := answer.raw.read1(PART, decode_content=True):
            yield piece
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from None
    except urllib3.exceptions.DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from None
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from None


def text_of(content: bytes, encoding: str | None) -> str:
    """Read a page as text, in the encoding that it names."""
    try:
        return content.decode(encoding or "utf-8", "replace")
    except LookupError:  # of a name that nobody knows
        return content.decode("utf-8", "replace")
