"""Speaks to a server by its HTTP API: asks, sends, follows events, fetches files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from csserv.errors import UnreachableError
from csserv.logs.request_ids import HEADER, new_request_id, request_id_of
from csserv.machine.written_whole import written_whole
from csserv.over_http.api_text import read_task
from csserv.problem import Problem, error_of
from csserv.tasks.log.task import Task

#: how long the server may take to begin an answer [s]
PATIENCE = 60.0

#: bytes of a file that are read at once
PIECE = 2**20


class ApiClient:
    """A connection to the API of one server, with an access token if it requires one."""

    def __init__(self, address: str, token: str | None) -> None:
        self.address = address.rstrip("/")
        self._session = requests.Session()
        again = Retry(total=3, backoff_factor=0.3, status_forcelist=[502, 504])
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=again))
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON that the server answers below ``/api/v1``.

        Raises
        ------
        UnreachableError : nothing answers, or it is not csserv
        CsservError : the error that the server reports
        """
        return self.ask("GET", path, params=query, timeout=PATIENCE).json()

    def send(self, method: str, path: str, body: object, request_id: str = "") -> Any:
        """Send JSON, and return the JSON that is answered; errors are those of :meth:`get`."""
        named = {HEADER: request_id_of(request_id)}
        return self.ask(method, path, json=body, headers=named, timeout=PATIENCE).json()

    def events(self, task_id: str) -> Iterator[Task]:
        """Yield the events of a task as they arrive."""
        path = f"/tasks/{task_id}/events"
        with self.ask("GET", path, stream=True, timeout=PATIENCE) as answer:
            kind = ""
            for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data" and kind in ("task", "end"):
                    yield read_task(json.loads(value))

    def fetch(self, path: str, target: Path) -> None:
        """Fetch a file; it appears only when it is complete."""
        answer = self.ask("GET", path, stream=True, timeout=PATIENCE)
        with answer, written_whole(target, synced=False) as draft, draft.open("wb") as file:
            for piece in answer.iter_content(PIECE):
                file.write(piece)

    def ask(self, method: str, path: str, **how: Any) -> requests.Response:
        """Send a request to the server, with an id by which its log names it.

        Raises
        ------
        UnreachableError : nothing answers, or it is not csserv
        CsservError : the error that the server reports, as the local service would raise it
        """
        headers = {HEADER: new_request_id()} | how.pop("headers", {})
        try:
            answer = self._session.request(
                method, f"{self.address}/api/v1{path}", headers=headers, **how
            )
        except (requests.RequestException, ValueError) as error:  # urllib3 cannot parse the address
            raise UnreachableError(f"no csserv answers at {self.address}: {error}") from None
        if answer.headers.get("Content-Type", "") == "application/problem+json":
            plain = answer.json()
            kind = str(plain["type"]).removeprefix("urn:csserv:")
            named = f" (request {headers[HEADER]})" if plain["status"] == 500 else ""
            raise error_of(Problem(plain["status"], f"{plain['detail']}{named}", kind))
        if not answer.ok:
            raise UnreachableError(
                f"{self.address} is no csserv, or something is in between: "
                f"{answer.status_code} {answer.reason}"
            )
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._session.close()
