"""An index of several results for notebooks, with plots."""

from __future__ import annotations

from dataclasses import dataclass

from csserv.notebook.result import PlottableResult
from csserv.outlooks.index_of_results import IndexResult


@dataclass(frozen=True, eq=False, repr=False)
class PlottableIndex(IndexResult, PlottableResult):
    """An index of several results, with plots."""
