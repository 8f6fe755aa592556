"""Metrics of a server, as Prometheus reads them."""

from __future__ import annotations

import time
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from csserv import Service, Settings
from csserv.http.monitoring.metric_table import METRICS, REASONS
from csserv.http.monitoring.server_metrics import ServerMetrics
from csserv.tasks.run.work_figures import Durations, WorkFigures
from tests.tasks.log.test_damage import cut, home_of


def read(metrics: ServerMetrics) -> dict[str, dict[str, float]]:
    """Name of a sample → its labels, as a text, → its value."""
    text, media = metrics.text("text/plain")
    assert media.startswith("text/plain")
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text.decode()):
        assert family.documentation
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            assert labels not in found.setdefault(sample.name, {})
            found[sample.name][labels] = sample.value
    return found


def asked(service: Service, count: int) -> list[str]:
    area = service.area({"type": "Point", "coordinates": [24.0, 0.0]})
    return [service.submit("rain", "mean", area, "2019-01").id for _ in range(count)]


def test_each_row_has_a_value(service: Service):
    found = read(ServerMetrics(lambda: service))
    endings = ("", "_total", "_count")
    for row in METRICS:
        if row.label == "worker":  # there is none
            continue
        assert any(found.get(f"{row.name}{one}") for one in endings), row.name


def test_names_are_as_prometheus_has_them():
    units = ("_seconds", "_bytes", "_tasks", "_ready", "_workers")
    for row in METRICS:
        counted = row.kind.__name__ == "CounterMetricFamily"
        assert row.name.startswith("csserv_")
        assert counted or row.name.endswith(units), row.name
        assert row.text.endswith("."), row.name


def test_tasks_are_counted_by_state_also_archived_ones(service: Service):
    first, second, *_ = asked(service, 5)
    service.cancel(first)
    service.cancel(second)
    service._log.archive_finished(keep=1)
    found = read(ServerMetrics(lambda: service))
    assert found["csserv_tasks"] == {
        "state=queued": 3,
        "state=running": 0,
        "state=succeeded": 0,
        "state=failed": 0,
        "state=cancelled": 2,
    }
    assert found["csserv_queue_oldest_seconds"][""] > 0
    assert found["csserv_task_log_bytes"]["part=archive"] > 0


def test_figures_of_the_runner_are_told(service: Service):
    figures = WorkFigures(idle=2, written=time.time(), bytes_read=7e9)
    figures.failures.update({"disk_full": 3, "made up by a newer version": 1})
    figures.calls["process_block"] = Durations()
    figures.calls["process_block"].add(0.7)
    figures.worker_memory["w1"] = 250_000_000
    figures.write(service.settings.home)
    assert WorkFigures.read(service.settings.home) == figures
    found = read(ServerMetrics(lambda: service))
    assert found["csserv_read_bytes_total"][""] == 7e9
    assert set(found["csserv_task_failures_total"]) == {f"reason={one}" for one in REASONS}
    assert found["csserv_task_failures_total"]["reason=disk_full"] == 3
    blocks = found["csserv_call_duration_seconds_bucket"]
    assert blocks["call=process_block,le=0.5"] == 0
    assert blocks["call=process_block,le=1.0"] == blocks["call=process_block,le=+Inf"] == 1
    assert found["csserv_workers"] == {"state=idle": 0, "state=busy": 0}  # nobody leads
    assert "csserv_worker_memory_bytes" not in found


def test_servers_of_one_process_count_for_themselves(service: Service):
    one, other = (ServerMetrics(lambda: service) for _ in range(2))
    one.request_ended("GET", "/api/v1/tasks", 200, 0.02)
    name = "csserv_http_request_duration_seconds_count"
    assert read(one)[name] == {"method=GET,route=/api/v1/tasks,status=200": 1}
    assert name not in read(other)


def test_damaged_log_leaves_the_other_metrics(tmp_path: Path):
    home = home_of(tmp_path / "home")
    with Service(Settings(home=home, data=tmp_path), starts_runner=False) as service:
        cut(home / "task_log.json")
        found = read(ServerMetrics(lambda: service))
    assert found["csserv_ready"]["check=log"] == 0
    assert found["csserv_disk_free_bytes"][""] > 0
    assert "csserv_tasks" not in found
