"""What is computed: grid values inside zones, weighted by how much each cell counts."""

from __future__ import annotations
