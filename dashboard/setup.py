"""What all sessions of a server process share: one service, and one watcher of its tasks."""

from __future__ import annotations

import threading
from functools import lru_cache

from csserv.service import Service
from csserv.settings import read_settings
from csserv.views.finding import place_names
from csserv.views.hub import Hub
from csserv.views.outlines import world_columns


class Shared:
    """A service, the hub of its tasks, and the datasets that have files here."""

    def __init__(self) -> None:
        self.service = Service(read_settings(), threaded=True)
        self.hub = Hub(self.service)

    def datasets(self) -> dict[str, str]:
        """Name and title of the datasets that have files on this machine."""
        catalog = self.service.catalog
        return {name: entry.title for name, entry in catalog.items() if entry.is_here}

    def warm(self) -> None:
        """Start the runner, and read what each first page would wait for."""
        self.service.ensure_runner()
        world_columns()
        place_names(self.service.layers)


@lru_cache(maxsize=1)
def shared() -> Shared:
    """Return what this process shares; made when it is first asked for."""
    made = Shared()
    threading.Thread(target=made.warm, daemon=True).start()
    return made
