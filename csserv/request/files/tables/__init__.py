"""Tables of points, or of shapes as text: CSV, TSV, workbooks."""

from __future__ import annotations
