"""The state that all sessions of a server process share."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from functools import lru_cache

from csserv.access import Caller
from csserv.guarded import GuardedService
from csserv.http import CONTEXT
from csserv.http.browser_auth import BrowserAuth
from csserv.service import Service
from csserv.views.area.place_lookup import place_names
from csserv.views.charts.live_series import LiveSeries
from csserv.views.maps.places.named_zones import named_countries
from csserv.views.tasks.log_watcher import LogWatcher


class SharedState:
    """The service, the watcher of its tasks, live series, and access control."""

    def __init__(
        self, service: Service, watcher: LogWatcher, live_series: LiveSeries | None = None
    ) -> None:
        self.service = service
        self.watcher = watcher
        self.live_series = live_series or LiveSeries(service)
        self.browser_auth = BrowserAuth(service.settings)

    def guarded(self, caller: Callable[[], Caller]) -> SharedState:
        """Return the same state, with a service that allows only what the caller's role does."""
        return SharedState(GuardedService(self.service, caller), self.watcher, self.live_series)

    def datasets(self) -> dict[str, str]:
        """Return name → title of the datasets that have files on this machine."""
        catalog = self.service.catalog
        return {name: entry.title for name, entry in catalog.here().items()}

    def warm_up(self) -> None:
        """Start the runner, and fill caches that the first visitor would wait for."""
        self.service.ensure_runner()
        named_countries()
        place_names(self.service.layers)
        # what is loaded by now stays: a collection of it takes 0.2 s, often amid a visit
        gc.collect()
        gc.freeze()


@lru_cache(maxsize=1)
def shared_state() -> SharedState:
    """Return the state of this process, made at the first call."""
    made = SharedState(CONTEXT.service, CONTEXT.watcher)  # of the API on the same port
    threading.Thread(target=made.warm_up, daemon=True).start()
    return made
