"""ClimateSERV's HTTP API, for programs that were written for ClimateSERV."""

from __future__ import annotations

from csserv.http.climateserv.handlers import ClimateservHandler, routes

__all__ = ["ClimateservHandler", "routes"]
