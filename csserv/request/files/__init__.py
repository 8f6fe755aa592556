"""Reading areas from files, also uploaded ones, and from GeoDataFrames: one module a format."""

from __future__ import annotations

from csserv.request.files.file_choices import FileChoices
from csserv.request.files.reading import read_area, read_upload

__all__ = ["FileChoices", "read_area", "read_upload"]
