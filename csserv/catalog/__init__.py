"""Which data exist and where: a catalog of datasets, each split into granules."""

from __future__ import annotations

from csserv.catalog.catalog import Catalog, CatalogEntry
from csserv.catalog.granule import Granule, Header
from csserv.catalog.grid import Grid, Window
from csserv.catalog.layers import FeatureLayer, Layers

__all__ = [
    "Catalog",
    "CatalogEntry",
    "FeatureLayer",
    "Granule",
    "Grid",
    "Header",
    "Layers",
    "Window",
]
