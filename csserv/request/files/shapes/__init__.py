"""The formats of files of shapes: a module each."""

from __future__ import annotations
