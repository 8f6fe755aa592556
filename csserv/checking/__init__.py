"""Checking a result: the cells behind one number, and computing everything once more."""

from __future__ import annotations

from csserv.checking.explain import Explanation, explain
from csserv.checking.index_explanation import IndexExplanation
from csserv.checking.moved import Moved, moved
from csserv.checking.stored_request import open_result
from csserv.checking.verify import Verification, verify

__all__ = [
    "Explanation",
    "IndexExplanation",
    "Moved",
    "Verification",
    "explain",
    "moved",
    "open_result",
    "verify",
]
