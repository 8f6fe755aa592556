"""What zones are called: which fields of a file hold names, ids, and what zones are parts of."""

from __future__ import annotations
