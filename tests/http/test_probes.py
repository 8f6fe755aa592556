"""A server, seen from outside: its health, its metrics, its log, and the ids of requests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from csserv import RemoteService
from csserv.http.monitoring.readiness import READINESS
from tests.http.conftest import Server
from tests.processes import eventually


def get(server: Server, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{server.url}{path}", headers=headers, timeout=60)


def lines(server: Server, word: str) -> list[str]:
    """Lines of the server's log with a word in them."""
    return [line for line in server.processes.said("serve").splitlines() if word in line]


def test_server_is_alive_and_ready(server: Server):
    assert get(server, "/health/live").json() == {"status": "alive"}
    eventually(lambda: get(server, "/health/ready").ok, what="it does not get ready")
    assert get(server, "/health/ready").json() == {"status": "ready", "reasons": []}
    for path in ("/health/live", "/health/ready", "/metrics"):
        assert requests.head(f"{server.url}{path}", timeout=60).content == b""
        refused = requests.post(f"{server.url}{path}", timeout=60)
        assert (refused.status_code, "GET" in refused.headers["Allow"]) == (405, True)


def test_metrics_count_requests_by_the_form_of_their_address(server: Server):
    for number in range(3):
        get(server, f"/api/v1/tasks/no-such-{number}")
        get(server, f"/nowhere/{number}")
    requests.request("BREW", f"{server.url}/pot", timeout=60)
    answer = get(server, "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    routes = {
        (sample.labels["route"], sample.labels["status"], sample.labels["method"])
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == "csserv_http_request_duration_seconds_count"
    }
    assert ("/api/v1/tasks/{id}", "404", "GET") in routes
    assert ("unknown", "404", "GET") in routes
    assert not any("no-such" in route or "nowhere" in route for route, *_ in routes)
    assert "BREW" not in {method for *_, method in routes}


def test_openmetrics_is_sent_to_who_asks_for_it(server: Server):
    answer = get(server, "/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_id_of_a_request_is_that_of_the_client_or_made(server: Server):
    given = get(server, "/api/v1/tasks/nope", **{"X-Request-ID": "proxy-7/a.1"})
    assert given.headers["X-Request-ID"] == given.json()["request_id"] == "proxy-7/a.1"
    for wrong in ("two words", "a" * 101, "<b>", "", "é".encode().decode("latin-1")):
        made = get(server, "/health/live", **{"X-Request-ID": wrong}).headers["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f]{32}", made)
    plain = [get(server, "/api/v1/datasets").headers["X-Request-ID"] for _ in range(2)]
    assert plain[0] != plain[1]
    assert get(server, "/api/getParameterTypes").headers["X-Request-ID"]
    assert get(server, "/nowhere").json()["request_id"]


def test_one_id_leads_from_the_client_to_the_result(server: Server):
    answer = requests.post(
        f"{server.url}/api/v1/tasks",
        json={
            "dataset": "rain",
            "operation": "mean",
            "area": {"point": [24.0, 0.0]},
            "period": "2019-01",
        },
        headers={"X-Request-ID": "from-here-to-there"},
        timeout=60,
    )
    task = answer.json()
    assert task["request_id"] == "from-here-to-there"
    server.until_ended(task["id"])
    result = server.ask("GET", f"/tasks/{task['id']}/result").json()
    assert result["provenance"]["request_id"] == "from-here-to-there"
    runner = server.settings.home / "runner.log"

    def said() -> list[str]:
        named = "request_id=from-here-to-there"
        return [line for line in runner.read_text().splitlines() if named in line]

    eventually(lambda: any("task ended" in line for line in said()), what="no ending is logged")
    told = " ".join(said())
    assert "runner csserv.tasks.run.observer: task claimed" in told
    assert "worker csserv.tasks.work.worker_log: call ended" in told
    eventually(
        lambda: any("/api/v1/tasks" in line for line in lines(server, "from-here-to-there")),
        what="the call is not logged",  # by the server, after it has answered
    )


def test_client_in_python_names_its_requests(remote: RemoteService, server: Server):
    task = remote.submit("rain", "mean", (22.0, -2.0, 26.0, 2.0), "2019-01")
    assert re.fullmatch(r"[0-9a-f]{32}", task.request_id)
    named = remote.submit("rain", "mean", (22.0, -2.0, 26.0, 2.0), "2019-01", request_id="mine")
    assert remote.task(named).request_id == "mine"
    eventually(lambda: lines(server, f"request_id={task.request_id}"), what="it is not logged")


def test_log_of_requests_has_no_secrets_and_nothing_that_people_ask_for(server: Server):
    secret = "s3cret-of-a-token"
    get(server, "/api/v1/tasks/nope", Authorization=f"Bearer {secret}")
    get(server, f"/api/scriptAccess?cmd=getDataRequestProgress&t={secret}&id=x")
    get(server, f"/{secret}?token={secret}", **{"User-Agent": f"{secret}\tx", "Referer": secret})
    requests.post(f"{server.url}/sign-in", data={"name": secret, "password": secret}, timeout=60)
    get(server, "/health/live", **{"X-Request-ID": "the-last-one"})
    eventually(lambda: lines(server, "the-last-one"), what="it is not logged")
    assert not lines(server, secret)
    assert secret not in (server.settings.home / "runner.log").read_text()


def test_line_of_a_request_has_what_operators_look_for(server: Server):
    get(server, "/api/v1/datasets", **{"X-Request-ID": "what-they-look-for"})
    eventually(lambda: lines(server, "what-they-look-for"), what="it is not logged")
    (line,) = lines(server, "what-they-look-for")
    assert re.fullmatch(
        r"\S+Z INFO server csserv.requests: request method=GET route=/api/v1/datasets status=200 "
        r"ms=[\d.]+ bytes=\d+ client=local address=127.0.0.1 request_id=what-they-look-for",
        line,
    )


@pytest.mark.parametrize("name", READINESS)
def test_checks_are_metrics_too(server: Server, name: str):
    assert f'csserv_ready{{check="{name}"}}' in get(server, "/metrics").text


def test_home_has_the_figures_of_its_runner(server: Server):
    assert (Path(server.settings.home) / "figures.json").exists()
