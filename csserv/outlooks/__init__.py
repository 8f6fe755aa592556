"""How a season stands, and how it may end: several requests, and one answer."""

from __future__ import annotations

from csserv.outlooks.season_answer import SeasonAnswer

__all__ = ["SeasonAnswer"]
