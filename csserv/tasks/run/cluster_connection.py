"""A connection to the runner's cluster that a server process keeps open."""

from __future__ import annotations

import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from csserv.errors import SettingsError
from csserv.settings import Settings

if TYPE_CHECKING:  # dask is slow to import, and seldom needed
    from csserv.tasks.cluster.cluster import Cluster


class ClusterConnection:
    """A connection that is opened at the first use, and again when the runner's cluster changes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._open = ExitStack()
        self._cluster: Cluster | None = None
        self._address = ""

    def cluster(self) -> Cluster:
        """Return the cluster of the settings' scheduler, or else that of the runner.

        Raises
        ------
        SettingsError : no runner works, it has no workers yet, or no scheduler answers
        """
        from csserv.tasks.run.process import find_address, open_cluster_at

        with self._lock:
            try:
                address = find_address(self._settings)
            except SettingsError:
                self._disconnect()
                raise
            if self._cluster is None or not self._cluster.is_connected or address != self._address:
                self._disconnect()
                self._cluster = self._open.enter_context(open_cluster_at(self._settings, address))
                self._address = address
            return self._cluster

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._disconnect()

    def _disconnect(self) -> None:
        self._cluster = None
        with suppress(OSError, TimeoutError):  # the scheduler may be gone
            self._open.close()
