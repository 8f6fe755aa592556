"""Shapefiles: their parts, and the encoding of their texts."""

from __future__ import annotations

from itertools import chain

from csserv.errors import InvalidAreaError
from csserv.request.feature_table import FeatureTable
from csserv.request.files.features import Features
from csserv.request.files.layers_in_file import Layer
from csserv.request.files.shapes.gdal import read_layers
from csserv.request.files.source_file import SourceFile
from csserv.request.files.text_encoding import Encoding, find_encoding

#: first bytes of the .shp and .shx files
_SHAPEFILE = (9994).to_bytes(4, "big")


def read_shapefile(source: SourceFile) -> Features:
    """Read the shapes of a shapefile whose parts lie beside each other.

    Raises
    ------
    InvalidAreaError : a part is lacking or broken, or texts are not in the encoding that is stated
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
    return Features(table, layer.crs, encoding.notes)


def _decoded(table: FeatureTable, encoding: Encoding) -> FeatureTable:
    fields = {
        encoding.decode(name): [
            encoding.decode(value) if isinstance(value, str) else value for value in values
        ]
        for name, values in table.fields.items()
    }
    return FeatureTable(table.shapes, fields)
