"""How much rain fell here? Requests to archives of gridded climate data, and their answers."""

from __future__ import annotations

from csserv.errors import CsservError
from csserv.opening import connect
from csserv.outputs import Result
from csserv.remote import RemoteService
from csserv.request import Area, Period, Request, Zone
from csserv.service import Service
from csserv.settings import Settings
from csserv.tasks import Task, TaskState

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
]
__version__ = "0.1.0"
