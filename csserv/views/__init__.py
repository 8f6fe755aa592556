"""What is seen: Panel viewers, for the dashboard and for notebooks alike."""

from __future__ import annotations
