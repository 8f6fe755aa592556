"""The catalog: which datasets exist, and which files (granules) hold their data."""

from __future__ import annotations

from csserv.catalog.catalog import Catalog, CatalogEntry
from csserv.catalog.coverage import Coverage, Gap, Missing
from csserv.catalog.layers import FeatureLayer, Layers
from csserv.catalog.read.granule import Granule, Header
from csserv.catalog.read.grid import Grid, Window

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
