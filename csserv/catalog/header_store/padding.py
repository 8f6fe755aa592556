"""Blocks of bytes: each begins with a whole word, so that numbers are read where they lie."""

from __future__ import annotations

#: what all blocks begin at multiples of [bytes]
WORD = 8


def padded(length: int) -> int:
    """Round a length up to whole words."""
    return -(-length // WORD) * WORD
