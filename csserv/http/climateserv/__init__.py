"""ClimateSERV's HTTP API: programs that were written for it work here unchanged."""

from __future__ import annotations

from csserv.http.climateserv.handlers import Legacy, routes

__all__ = ["Legacy", "routes"]
