"""Results: series as JSON, exported cells in a ZIP, provenance and citation."""

from __future__ import annotations

from csserv.outputs.result import Result

__all__ = ["Result"]
