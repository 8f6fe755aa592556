"""JSON that is no GeoJSON but holds shapes: TopoJSON, and features as Esri's servers give them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from csserv.request.files.layers_in_file import Layer
from csserv.request.files.shapes.gdal import read_layers

#: kind → what of it is read; the rest could point elsewhere
MEMBERS = {
    "TopoJSON": ("type", "objects", "arcs", "transform", "bbox"),
    "Esri JSON": ("geometryType", "spatialReference", "fields", "features", "hasZ", "hasM"),
}


def kind_of_json(plain: Mapping[str, Any]) -> str:
    """Return the kind, a key of ``MEMBERS``; empty for GeoJSON and others.

    >>> kind_of_json({"type": "Topology"}), kind_of_json({"type": "Feature"})
    ('TopoJSON', '')
    """
    if plain.get("type") == "Topology":
        return "TopoJSON"
    return "Esri JSON" if str(plain.get("geometryType", "")).startswith("esri") else ""


def read_other_json(plain: Mapping[str, Any], file: str, most: int | None) -> list[Layer]:
    """Read TopoJSON or Esri's JSON that has been parsed, so that GDAL sees nothing but its shapes.

    Raises
    ------
    InvalidAreaError : it is broken
    """
    members = MEMBERS[kind_of_json(plain)]
    with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
        path = Path(folder) / "area.json"
        path.write_bytes(orjson.dumps({name: plain[name] for name in members if name in plain}))
        return read_layers(path, file, most)
