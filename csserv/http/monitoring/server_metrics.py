"""The metrics of one server, in a registry of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from csserv.http.monitoring.metric_table import METRICS
from csserv.http.monitoring.snapshot import Snapshot
from csserv.service import Service

#: a snapshot is taken again after so long: several may ask [s]
SNAPSHOT_AGE = 2.0

#: upper ends of the classes of durations of requests [s]
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class ServerMetrics:
    """Counts the requests of a server, and reads the figures of its home when asked.

    Parameters
    ----------
    find_service : returns the service, which is opened when metrics are first read
    """

    def __init__(self, find_service: Callable[[], Service]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "csserv_http_request_duration_seconds",
            "How long requests took, until the end of their answers.",
            ("method", "route", "status"),
            registry=self._registry,
            buckets=BUCKETS,
        )
        info = Gauge("csserv_info", "The version.", ("version",), registry=self._registry)
        info.labels(version("csserv")).set(1)
        ProcessCollector(registry=self._registry)
        self._registry.register(HomeCollector(find_service))

    def request_ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def text(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics in the form that a header ``Accept`` asks for, and its media type."""
        encode, media = choose_encoder(accept)
        return encode(self._registry), media


class HomeCollector(Collector):
    """Reads the figures of a home for each scrape, but not more often than every two seconds."""

    def __init__(self, find_service: Callable[[], Service]) -> None:
        self._find_service = find_service
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._next = 0.0

    def describe(self) -> list[Metric]:
        """Name nothing in advance: the registry would read all figures when the server starts."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        snapshot = self._taken()
        for row in METRICS:
            yield row.family(snapshot)

    def _taken(self) -> Snapshot:
        with self._lock:
            if self._snapshot is None or time.monotonic() >= self._next:
                self._snapshot = Snapshot.of(self._find_service())
                self._next = time.monotonic() + SNAPSHOT_AGE
            return self._snapshot
