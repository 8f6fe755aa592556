"""ClimateSERV's API as an old program uses it: addresses, and answers as text."""

from __future__ import annotations

import json
import time
from typing import Any

import requests

from tests.http.conftest import Server

#: four cells in the middle of the grid
SQUARE: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [[[24, 0], [26, 0], [26, 2], [24, 2], [24, 0]]],
}

USUAL = {
    "datatype": 0,
    "operationtype": 5,
    "begintime": "01/01/2019",
    "endtime": "01/31/2019",
    "intervaltype": 0,
    "geometry": json.dumps(SQUARE),
}


def call(server: Server, method: str, base: str = "api", **given: Any) -> requests.Response:
    return requests.get(f"{server.url}/{base}/{method}/", params=given, timeout=60)


def submit(server: Server, **given: Any) -> requests.Response:
    """Submit as climateserv does: POST, nothing in the body, all in the query string."""
    asked = {name: value for name, value in (USUAL | given).items() if value is not None}
    return requests.post(f"{server.url}/api/submitDataRequest/", params=asked, timeout=60)


def poll(server: Server, task_id: str) -> list[str]:
    """Ask for the progress until it is final; return all answers."""
    answers: list[str] = []
    while not answers or answers[-1] not in ("[100.0]", "[-1.0]"):
        answer = call(server, "getDataRequestProgress", id=task_id)
        assert answer.status_code == 200
        answers.append(answer.text)
        time.sleep(0.05)
    return answers


def finished(server: Server, **given: Any) -> str:
    """Submit, wait for the end, and return the id."""
    answer = submit(server, **given)
    assert answer.status_code == 200, answer.text
    (task_id,) = answer.json()
    assert poll(server, task_id)[-1] == "[100.0]"
    return str(task_id)


def document(server: Server, **given: Any) -> dict[str, Any]:
    """Submit, wait, and return the whole answer, which is to be JSON without NaN or Infinity."""
    answer = call(server, "getDataFromRequest", id=finished(server, **given))
    assert answer.status_code == 200, answer.text
    return dict(json.loads(answer.text, parse_constant=refuse))


def values(server: Server, **given: Any) -> list[float]:
    """The values of an answer, by their one key."""
    return [value for row in document(server, **given)["data"] for value in row["value"].values()]


def refuse(text: str) -> None:
    raise AssertionError(f"{text} is no JSON")
