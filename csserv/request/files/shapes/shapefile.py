"""Shapefiles: their parts, and the encoding of their texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import numpy as np
import shapely

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.feature_table import FeatureTable
from csserv.request.files.features import Features
from csserv.request.files.layers_in_file import Layer
from csserv.request.files.shapes.gdal import read_layers
from csserv.request.files.source_file import SourceFile
from csserv.request.files.text_encoding import Encoding, find_encoding
from csserv.request.plain_text import one_line

#: how much of a .prj that is none is shown [characters]
SHORT = 40

#: first bytes of the .shp and .shx files
_SHAPEFILE = (9994).to_bytes(4, "big")


def read_shapefile(source: SourceFile) -> Features:
    """Read the shapes of a shapefile whose parts lie beside each other.

    Raises
    ------
    InvalidAreaError : a part is lacking or broken, or texts are not in the encoding that is stated,
        or coordinates are no degrees, and nothing says what they are
    """
    parts = {
        path.suffix.lower(): path
        for path in source.path.parent.iterdir()
        if path.stem == source.path.stem
    }
    for ending in (".shp", ".shx"):
        if ending not in parts:
            raise InvalidAreaError(
                f"{source.name} lacks its {ending}; zip .shp, .shx, .dbf and .prj together"
            )
    for ending in (".shp", ".shx"):
        with parts[ending].open("rb") as file:
            if file.read(len(_SHAPEFILE)) != _SHAPEFILE:
                raise InvalidAreaError(f"{source.name} cannot be read: it is no shapefile")
    # byte by byte: which encoding it is, is found here
    layers = read_layers(source.path, source.name, source.most, "ISO-8859-1")
    layer = layers[0] if layers else Layer("", FeatureTable([]))
    stated = ""
    if ".cpg" in parts:
        stated = parts[".cpg"].read_bytes()[:40].decode("ascii", "replace")
    values = chain(layer.table.fields, *layer.table.fields.values())
    texts = [value for value in values if isinstance(value, str)]
    encoding = find_encoding(texts, stated, source.choices.encoding, source.name)
    table = _decoded(layer.table, encoding)
    notes = (*encoding.notes, *_about_place(source, parts, layer), *_about_fields(parts, table))
    return Features(table, layer.crs, notes)


def _about_place(source: SourceFile, parts: Mapping[str, Path], layer: Layer) -> Iterator[Note]:
    """Tell where a .prj is none, so that degrees are assumed; refuse what cannot be degrees."""
    if layer.crs or source.choices.crs or ".prj" not in parts:
        return
    stated = one_line(parts[".prj"].read_bytes()[:SHORT].decode("ascii", "replace"))
    if not stated:
        return
    said = f"its .prj ({stated}) is no coordinate system that is known"
    there = [shape for shape in layer.table.shapes if shape is not None]
    if (np.abs(shapely.get_coordinates(there)) > (360, 90)).any():
        raise InvalidAreaError(
            f"{source.name}: {said}, and coordinates are no degrees; say their system (crs), as "
            "EPSG:32737"
        )
    yield Note("zones", f"{said}: coordinates are taken as longitude and latitude, as they fit")


def _about_fields(parts: Mapping[str, Path], table: FeatureTable) -> Iterator[Note]:
    """Tell that the names are lost where there is no .dbf, or none that can be read."""
    if ".dbf" not in parts:
        yield Note("zones", "its .dbf is lacking, which holds the names of zones and other fields")
    elif not table.fields:
        yield Note("zones", "its .dbf is damaged: names of zones, and other fields, are lost")


def _decoded(table: FeatureTable, encoding: Encoding) -> FeatureTable:
    fields = {
        encoding.decode(name): [
            encoding.decode(value) if isinstance(value, str) else value for value in values
        ]
        for name, values in table.fields.items()
    }
    return FeatureTable(table.shapes, fields)
