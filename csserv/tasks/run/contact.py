"""One connection to the runner's workers, kept open by a server process."""

from __future__ import annotations

import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from csserv.errors import SettingsError
from csserv.settings import Settings

if TYPE_CHECKING:  # dask is slow to import, and most never ask for the workers
    from csserv.tasks.cluster.cluster import Cluster


class Contact:
    """Opens the cluster when it is first needed, and anew when the runner has another one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._open = ExitStack()
        self._cluster: Cluster | None = None
        self._address = ""

    def cluster(self) -> Cluster:
        """Return the cluster whose workers an administrator means.

        Raises
        ------
        SettingsError : no runner works, it has no workers yet, or no scheduler answers
        """
        from csserv.tasks.run.process import find_address, open_cluster_at

        with self._lock:
            try:
                address = find_address(self._settings)
            except SettingsError:
                self._hang_up()
                raise
            if self._cluster is None or not self._cluster.is_connected or address != self._address:
                self._hang_up()
                self._cluster = self._open.enter_context(open_cluster_at(self._settings, address))
                self._address = address
            return self._cluster

    def close(self) -> None:
        """Let the connection go."""
        with self._lock:
            self._hang_up()

    def _hang_up(self) -> None:
        self._cluster = None
        with suppress(OSError, TimeoutError):  # the scheduler may be gone
            self._open.close()
