"""Can a number be trusted? The cells behind one, and whether all come out the same again."""

from __future__ import annotations

from csserv.checking.explain import Explanation, explain
from csserv.checking.verify import Verification, verify

__all__ = ["Explanation", "Verification", "explain", "verify"]
