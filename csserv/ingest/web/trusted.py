"""Sends tokens to the machines that they are meant for, and to no other, wherever one is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from urllib.parse import urlsplit

import requests


def is_trusted(address: str, machines: Iterable[str]) -> bool:
    """Whether an address is of one of the machines.

    Parameters
    ----------
    machines : beginnings of addresses, such as "https://data.example.org", or ends of names behind
        a dot, such as ".example.org", which count for encrypted connections only

    >>> is_trusted("https://notexample.org/", ["https://example.org", ".example.org"])
    False
    """
    try:
        parts = urlsplit(address)
        begin, name = f"{parts.scheme}://{parts.netloc.lower()}", parts.hostname or ""
    except ValueError:  # no address at all
        return False
    encrypted = parts.scheme == "https"
    return any(
        (encrypted and name.endswith(one)) if one.startswith(".") else begin == one.lower()
        for one in machines
    )


class TrustingSession(requests.Session):
    """A session that takes the tokens out when a server sends it to another machine.

    ``requests`` does so for the header ``Authorization`` alone.
    """

    def __init__(self, machines: Sequence[str], secrets: Iterable[str]) -> None:
        super().__init__()
        self.headers["User-Agent"] = f"csserv/{version('csserv')}"
        self._machines, self._secrets = machines, tuple(secrets)

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Look at the headers of a request that goes where an answer has sent it."""
        if not is_trusted(prepared_request.url or "", self._machines):
            for name in self._secrets:
                prepared_request.headers.pop(name, None)
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]
