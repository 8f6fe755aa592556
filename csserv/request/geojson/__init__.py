"""GeoJSON: the text, features and positions of untrusted senders; and as csserv writes it."""

from __future__ import annotations

from csserv.request.geojson.canonical import canonical_geojson
from csserv.request.geojson.json_features import ZONES, read_table, stated_crs
from csserv.request.geojson.json_text import check_size, parse_geojson

__all__ = ["ZONES", "canonical_geojson", "check_size", "parse_geojson", "read_table", "stated_crs"]
