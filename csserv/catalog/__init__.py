"""The catalog: which datasets exist, and which files (granules) hold their data."""

from __future__ import annotations

from csserv.catalog.catalog import Catalog
from csserv.catalog.entry import CatalogEntry
from csserv.catalog.layers import FeatureLayer, Layers
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.grid import Grid, Window
from csserv.catalog.read.header import Header
from csserv.catalog.timeline.coverage import Coverage, Gap, Missing

__all__ = [
    "Catalog",
    "CatalogEntry",
    "Coverage",
    "FeatureLayer",
    "Gap",
    "Granule",
    "Grid",
    "Header",
    "Layers",
    "Missing",
    "Window",
]
