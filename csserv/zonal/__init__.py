"""Zonal statistics as pure functions: arrays in, arrays out.

Weights say how much each grid cell counts in each zone; operations reduce the cells of a zone to
one value for each step.
"""

from __future__ import annotations
