"""Zonal statistics of gridded climate data: submit requests, watch tasks, open results.

Names are loaded when they are first used, so that ``import csserv`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from csserv.errors import CsservError
    from csserv.notebook.area import pick_area
    from csserv.notebook.demo import demo
    from csserv.notebook.result import Result
    from csserv.notebook.service import connect
    from csserv.opening import verify
    from csserv.remote import RemoteService
    from csserv.request import Area, Period, Request, Zone
    from csserv.service import Service
    from csserv.settings import Settings
    from csserv.tasks.log.task import Task, TaskState

#: public name → the module it is loaded from
_HOMES = {
    "Area": "csserv.request",
    "CsservError": "csserv.errors",
    "Period": "csserv.request",
    "RemoteService": "csserv.remote",
    "Request": "csserv.request",
    "Result": "csserv.notebook.result",
    "Service": "csserv.service",
    "Settings": "csserv.settings",
    "Task": "csserv.tasks.log.task",
    "TaskState": "csserv.tasks.log.task",
    "Zone": "csserv.request",
    "connect": "csserv.notebook.service",
    "demo": "csserv.notebook.demo",
    "pick_area": "csserv.notebook.area",
    "verify": "csserv.opening",
}

__all__ = [
    "Area",
    "CsservError",
    "Period",
    "RemoteService",
    "Request",
    "Result",
    "Service",
    "Settings",
    "Task",
    "TaskState",
    "Zone",
    "connect",
    "demo",
    "pick_area",
    "verify",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load a public name (PEP 562); the next use finds it here."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    """List all public names for completion, loaded or not."""
    return sorted({*globals(), *__all__})
