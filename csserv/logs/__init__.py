"""One structured log for all processes: events with fields, as lines of text or of JSON."""

from __future__ import annotations

from csserv.logs.events import event
from csserv.logs.log_settings import LogSettings
from csserv.logs.setting_up import set_up_logging

__all__ = ["LogSettings", "event", "set_up_logging"]
