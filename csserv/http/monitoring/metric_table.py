"""The metrics that are read from a snapshot: a row each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from csserv.http.monitoring.snapshot import Snapshot
from csserv.tasks.run.failure_reasons import FAILURE_REASONS, OTHER
from csserv.tasks.run.work_figures import Durations

#: value of the only label → value
Labelled = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A metric.

    Attributes
    ----------
    name : as Prometheus has them, with the unit last; of a counter without ``_total``
    label : what its values differ by; empty where there is one value
    find : takes the values from a snapshot; one value has the label ""
    """

    kind: type[GaugeMetricFamily] | type[CounterMetricFamily] | type[HistogramMetricFamily]
    name: str
    text: str
    label: str
    find: Callable[[Snapshot], Labelled]

    def family(self, snapshot: Snapshot) -> Metric:
        """Return the metric with its values."""
        family = self.kind(self.name, self.text, labels=[self.label] if self.label else [])
        for label, value in self.find(snapshot).items():
            labels = [label] if self.label else []
            if isinstance(family, HistogramMetricFamily):
                family.add_metric(labels, value.up_to(), value.sum)
            else:
                family.add_metric(labels, value)
        return family


def _one(value: object) -> Labelled:
    return {} if value is None else {"": value}


def _each(counts: Mapping[str, float], known: Iterable[str]) -> Labelled:
    """Return all known values, so that a counter begins at 0; none that is not known."""
    return {name: counts.get(name, 0) for name in known}


GAUGE, COUNTER, HISTOGRAM = GaugeMetricFamily, CounterMetricFamily, HistogramMetricFamily

ENDED = ("succeeded", "failed", "cancelled")
REASONS = (*FAILURE_REASONS, OTHER)

#: the functions that workers run
CALLS = ("prepare_weights", "process_block", "assemble", "compute_at_once")

#: to add a metric, add a row
METRICS = (
    Row(GAUGE, "csserv_tasks", "Tasks in the log.", "state", lambda s: s.tasks),
    Row(
        GAUGE,
        "csserv_queue_oldest_seconds",
        "How long the oldest queued task has waited.",
        "",
        lambda s: _one(s.oldest),
    ),
    Row(
        GAUGE,
        "csserv_ready",
        "Whether the server is ready for requests, by each check.",
        "check",
        lambda s: {name: float(fine) for name, fine in s.checks.items()},
    ),
    Row(
        GAUGE,
        "csserv_workers",
        "Workers of the runner.",
        "state",
        lambda s: {"idle": s.work.idle, "busy": s.work.busy},
    ),
    Row(
        GAUGE,
        "csserv_set_aside_workers",
        "Workers that are given no calls, or none of a dataset.",
        "",
        lambda s: _one(s.work.set_aside),
    ),
    Row(
        GAUGE,
        "csserv_runner_figures_age_seconds",
        "Age of the figures that the runner writes every five seconds.",
        "",
        lambda s: _one(s.age),
    ),
    Row(
        GAUGE,
        "csserv_runner_memory_bytes",
        "Memory of the runner's process.",
        "",
        lambda s: _one(s.work.memory),
    ),
    Row(
        GAUGE,
        "csserv_worker_memory_bytes",
        "Memory of each worker's process.",
        "worker",
        lambda s: s.work.worker_memory,
    ),
    Row(
        COUNTER,
        "csserv_tasks_ended",
        "Tasks that the runner saw end.",
        "state",
        lambda s: _each(s.work.ended, ENDED),
    ),
    Row(
        COUNTER,
        "csserv_task_failures",
        "Failed tasks, by kind of failure.",
        "reason",
        lambda s: _each(s.work.failures, REASONS),
    ),
    Row(
        COUNTER,
        "csserv_task_retries",
        "Attempts after which a task was queued again, by why.",
        "reason",
        lambda s: _each(s.work.retries, REASONS),
    ),
    Row(
        HISTOGRAM,
        "csserv_task_wait_seconds",
        "How long tasks waited for their first attempt.",
        "",
        lambda s: _one(s.work.waits),
    ),
    Row(
        HISTOGRAM,
        "csserv_task_duration_seconds",
        "How long the last attempt of succeeded tasks took.",
        "",
        lambda s: _one(s.work.runs),
    ),
    Row(
        HISTOGRAM,
        "csserv_call_duration_seconds",
        "How long calls of workers took; process_block: of a block.",
        "call",
        lambda s: {name: s.work.calls.get(name, Durations()) for name in CALLS},
    ),
    Row(
        COUNTER,
        "csserv_read_bytes",
        "Uncompressed size of what finished blocks have read.",
        "",
        lambda s: _one(s.work.bytes_read),
    ),
    Row(
        COUNTER,
        "csserv_steps",
        "Time steps of the data in finished blocks.",
        "",
        lambda s: _one(s.work.steps),
    ),
    Row(
        GAUGE,
        "csserv_disk_free_bytes",
        "Free space of the home folder's disk.",
        "",
        lambda s: _one(s.disk_free),
    ),
    Row(
        GAUGE,
        "csserv_disk_size_bytes",
        "Size of the home folder's disk.",
        "",
        lambda s: _one(s.disk_size),
    ),
    Row(GAUGE, "csserv_task_log_bytes", "Size of the task log.", "part", lambda s: s.log),
    Row(
        GAUGE,
        "csserv_cache_bytes",
        "Size of the cache folder.",
        "",
        lambda s: _one(s.cache),
    ),
    Row(
        GAUGE,
        "csserv_kept_bytes",
        "Size of the numbers that are kept to be used again.",
        "",
        lambda s: _one(s.kept),
    ),
)
