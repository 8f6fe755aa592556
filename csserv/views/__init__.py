"""What is seen: maps, forms, tables and charts, for the dashboard and for notebooks alike."""

from __future__ import annotations
