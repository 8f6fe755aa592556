"""What Grafana and Prometheus are given: each name that they ask for is one that a server has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from csserv import Service
from csserv.http.monitoring.metric_table import CALLS, REASONS
from csserv.http.monitoring.readiness import READINESS
from csserv.http.monitoring.server_metrics import ServerMetrics
from csserv.tasks.log.task import TaskState

DEPLOY = Path(__file__).parent.parent / "deploy"
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "csserv.json").read_text())
RULES: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())[
    "groups"
][0]["rules"]

#: units of Grafana that mean something for our values
UNITS = {"short", "none", "s", "bytes", "Bps", "ops", "opm", "reqps"}

#: labels that Prometheus adds
ADDED = {"job", "instance", "le"}

#: label → the values that it may have
VALUES = {
    "state": {*map(str, TaskState), "idle", "busy"},
    "reason": set(REASONS),
    "check": set(READINESS),
    "call": set(CALLS),
}


def queries() -> list[str]:
    asked = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return asked + [rule["expr"] for rule in RULES]


@pytest.fixture
def samples(service: Service) -> dict[str, set[str]]:
    """Name of each sample of a server → its labels."""
    metrics = ServerMetrics(lambda: service)
    metrics.request_ended("GET", "/api/v1/tasks", 200, 0.02)
    found: dict[str, set[str]] = {"up": set()}
    for family in text_string_to_metric_families(metrics.text("")[0].decode()):
        if family.type == "gauge":  # one of workers has no sample where none work
            found.setdefault(family.name, set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_every_query_uses_metrics_and_labels_that_exist(samples: dict[str, set[str]]):
    for query in queries():
        named = re.findall(r"\b(csserv_\w+|process_\w+|up)\b(?:\{([^}]*)\})?", query)
        assert named, query
        for name, chosen in named:
            assert name in samples, query
            assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", chosen)) <= samples[name] | ADDED, (
                query
            )


def test_every_value_that_a_query_chooses_can_occur():
    for query in queries():
        for label, chosen in re.findall(r'\b(\w+)=~?"([^"$]*)"', query):
            if label in VALUES:
                assert set(chosen.split("|")) <= VALUES[label], query


def test_every_metric_of_tasks_and_workers_is_shown(samples: dict[str, set[str]]):
    shown = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    ours = {name for name in samples if name.startswith("csserv_")}
    series = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in ours}
    assert {one for one in series if one not in shown} == {"csserv_info"}  # of the variables


def test_panels_have_units_places_and_words():
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        assert panel["description"].endswith(".")
        assert panel["type"] in ("stat", "timeseries")
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_variables_of_queries_are_those_of_the_dashboard():
    known = {one["name"] for one in DASHBOARD["templating"]["list"]} | {"__rate_interval"}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD["panels"])))
    assert used <= known
    assert {"title", "uid", "schemaVersion", "time", "refresh"} <= DASHBOARD.keys()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_alerts_say_what_is_wrong_and_what_to_do(rule: dict[str, Any]):
    assert rule.keys() == {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"\d+[mh]", rule["for"])
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert {"summary", "description"} == rule["annotations"].keys()
    assert rule["annotations"]["description"].endswith(".")
    for opening, closing in ("()", "{}", "[]"):
        assert rule["expr"].count(opening) == rule["expr"].count(closing)


def test_prometheus_reads_the_rules_and_a_server():
    plain = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    assert plain["rule_files"] == ["alerts.yml"]
    (job,) = plain["scrape_configs"]
    assert (job["job_name"], job["metrics_path"]) == ("csserv", "/metrics")
