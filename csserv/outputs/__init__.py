"""What comes back: series as JSON, cells in a ZIP, and where the numbers come from."""

from __future__ import annotations

from csserv.outputs.result import Result

__all__ = ["Result"]
