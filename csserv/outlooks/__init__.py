"""What several requests answer together: how a season may end, an index of two datasets."""

from __future__ import annotations

from csserv.outlooks.season_answer import SeasonAnswer

__all__ = ["SeasonAnswer"]
