"""Feature layers: sets of named zones; countries and their first-level units come with csserv."""

from __future__ import annotations

from csserv.catalog.layers.feature_layer import TITLES, FeatureLayer
from csserv.catalog.layers.known_layers import BUNDLED, Layers

__all__ = ["BUNDLED", "TITLES", "FeatureLayer", "Layers"]
