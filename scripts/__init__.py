"""Chores of the project that are programs."""

from __future__ import annotations
