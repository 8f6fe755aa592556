"""Reading areas from files, also uploaded ones, and from GeoDataFrames: one module a format."""

from __future__ import annotations

from csserv.request.files.area_file import AreaFile
from csserv.request.files.file_choices import FileChoices
from csserv.request.files.reading import open_upload, read_area, read_upload

__all__ = ["AreaFile", "FileChoices", "open_upload", "read_area", "read_upload"]
