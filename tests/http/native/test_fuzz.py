"""Whatever is sent: no mistake of the server, no hang, no growth, and the log intact."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tinydb import TinyDB

from tests.http.conftest import BOX, Server, start
from tests.processes import eventually

pytestmark = pytest.mark.slow

#: what the document of the API describes, and the variable that tells it where the server is
CASES = Path(__file__).with_name("described_api.py")
ADDRESS = "TEST_API"

few = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is sent all kinds of things."""
    folder = tmp_path_factory.mktemp("fuzzed")
    yield from start(folder, requests_per_second=10_000, max_open_tasks=50)


def test_what_the_document_describes_is_what_is_answered(fuzzed: Server) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", CASES]
    address = {ADDRESS: f"{fuzzed.url}/api/v1"}
    done = subprocess.run(command, env=own | address, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d\d passed", done.stdout, re.MULTILINE)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)


@few
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "dataset": st.sampled_from(["rain", "long", 0, "0"]) | json_values,
            "operation": st.sampled_from(["mean", "p50", "p100.1", "geotiff"]) | json_values,
            "area": st.sampled_from([BOX, "Kenya", "Kenya/*", {"point": [30, 0]}]) | json_values,
            "period": st.sampled_from(["2019", "2019-02-30", "9999"]) | json_values,
            "time_step": st.sampled_from(["monthly", "native"]) | json_values,
            "select": json_values,
            "id": json_values,
        },
    )
)
def test_a_body_that_is_nearly_right_gets_an_answer_in_words(
    fuzzed: Server, body: dict[str, Any]
) -> None:
    text = json.dumps(body)  # with NaN and Infinity, which are no JSON
    headers = {"Content-Type": "application/json"}
    for path in ("/tasks", "/estimate"):
        answer = fuzzed.ask("POST", path, data=text, headers=headers)
        assert answer.status_code < 500, answer.text
        if not answer.ok:
            assert answer.json()["detail"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"dataset": NaN}',
        b'{"dataset": "' + b"x" * 1_000_000 + b'"}',
        b'{"dataset":"rain","operation":"mean","period":"2019","area":{"type":"Polygon",'
        b'"coordinates":[[[0,0],[1e999,0],[1,1],[0,0]]]}}',
        b'{"dataset":"rain","operation":"mean","period":"2019","area":{"type":"MultiPolygon",'
        b'"coordinates":[' + b"[[[0,0],[1,0],[1,1],[0,0]]]," * 50_000 + b"[]]}}",
        b'{"dataset":"rain","operation":"mean","period":"2019","area":'
        + b'{"type":"FeatureCollection","features":['
        + b'{"type":"Feature","geometry":null},' * 20_000
        + b"{}]}}",
    ],
)
def test_a_hostile_body_is_refused(fuzzed: Server, raw: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = fuzzed.ask("POST", "/tasks", data=raw, headers=headers)
    assert answer.status_code in (400, 413, 422), answer.text
    assert len(answer.text) < 3000


def test_the_server_does_not_grow(fuzzed: Server) -> None:
    process = psutil.Process(fuzzed.processes.running["serve"].pid)
    session = requests.Session()

    def storm(count: int) -> None:
        for number in range(count):
            url = f"{fuzzed.url}/api/v1"
            session.get(f"{url}/tasks/{number:032x}", headers={"Authorization": ""})
            session.post(f"{url}/estimate", json={"dataset": f"x{number}" * 50, "area": [number]})
            session.get(f"{url}/layers/country?search={number}")
            session.get(f"{url}/{number}?{number}={number}")

    storm(100)
    before = process.memory_info().rss
    storm(400)
    assert process.memory_info().rss - before < 8e6


def test_the_log_is_intact_and_goes_on(fuzzed: Server) -> None:
    ended = fuzzed.until_ended(fuzzed.submit()["id"])
    assert ended["state"] == "succeeded"

    def ids() -> list[str]:
        with TinyDB(fuzzed.settings.home / "task_log.json", access_mode="r") as plain:
            return [task["id"] for task in plain]

    eventually(lambda: ended["id"] in ids(), what="the runner does not fold its journal")
    assert len(ids()) == len(set(ids()))
