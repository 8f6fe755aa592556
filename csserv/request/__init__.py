"""Requests: an operation on a dataset, over an area and a period; checked and frozen."""

from __future__ import annotations

from csserv.request.area import Area, Zone
from csserv.request.options import Options
from csserv.request.period import Period
from csserv.request.request import Request

__all__ = ["Area", "Options", "Period", "Request", "Zone"]
