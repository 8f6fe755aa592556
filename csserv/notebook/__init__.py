"""The Jupyter face: handles that move, results that draw, a map to choose on, and a demo."""

from __future__ import annotations
