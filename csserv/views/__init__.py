"""Views: maps, forms, tables and charts, for the dashboard and for notebooks."""

from __future__ import annotations
