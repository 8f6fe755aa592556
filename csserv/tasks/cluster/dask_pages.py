"""dask's own dashboard on the scheduler: switched on when somebody wants to see it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:  # slow to import
    from distributed import Scheduler

#: hosts that mean all addresses of a machine
ANY_HOST = ("0.0.0.0", "::")  # noqa: S104  # compared with, not listened to


@dataclass(frozen=True)
class WebPages:
    """The address of dask's own dashboard."""

    address: str
    is_private: bool  #: whether only browsers on the scheduler's machine can reach it

    @classmethod
    def of(cls, scheduler: str, found: Mapping[str, Any]) -> Self:
        """Build it from the scheduler's address and what :func:`open_web_pages` returned."""
        host, port = found["host"], found["port"]
        is_private = host in ("127.0.0.1", "::1")
        shown = urlsplit(scheduler).hostname if host in ANY_HOST else host
        written = f"[{shown}]" if ":" in str(shown) else shown
        return cls(f"{found['scheme']}://{written}:{port}/status", is_private)


async def open_web_pages(dask_scheduler: Scheduler) -> dict[str, Any]:
    """Add dask's dashboard to the scheduler's web server; runs on the scheduler's event loop.

    It is off until then, as bokeh costs each scheduler and runner two seconds and 20 MB.
    """
    pages = await asyncio.to_thread(import_module, "distributed.dashboard.scheduler")
    application, server = dask_scheduler.http_application, dask_scheduler.http_server
    if not application.applications:
        pages.connect(application, server, dask_scheduler, prefix="")
    host, port = next(iter(server._sockets.values())).getsockname()[:2]
    return {"host": host, "port": port, "scheme": "https" if server.ssl_options else "http"}
