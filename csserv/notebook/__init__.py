"""The Jupyter face: task handles with live bars, results with plots, an area map, and a demo."""

from __future__ import annotations
