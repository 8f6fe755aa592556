"""The formats of area files: a function each, by the ending of the name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from csserv.errors import InvalidAreaError
from csserv.notes import Note, read_notes
from csserv.request.feature_table import FeatureTable
from csserv.request.files.features import Features
from csserv.request.files.layers_in_file import choose_layer, join_layers
from csserv.request.files.misnamed import check_table, check_workbook
from csserv.request.files.shapes.gdal import read_layers
from csserv.request.files.shapes.geopackage import read_geopackage
from csserv.request.files.shapes.geoparquet import read_geoparquet
from csserv.request.files.shapes.gpx import read_waypoints
from csserv.request.files.shapes.json_kinds import kind_of_json, read_other_json
from csserv.request.files.shapes.json_lines import is_lines, read_lines
from csserv.request.files.shapes.kml import check_gpx, check_kml
from csserv.request.files.shapes.shapefile import read_shapefile
from csserv.request.files.shapes.wkt import from_wkt, statements
from csserv.request.files.source_file import SourceFile
from csserv.request.files.tables.text_tables import read_text
from csserv.request.files.tables.workbooks import choose_sheet, read_sheets
from csserv.request.files.unpack import DEFAULT, are_named, unpack
from csserv.request.geojson import parse_geojson, read_table, stated_crs
from csserv.request.limits import Limits
from csserv.request.plain_text import name_of, one_line

#: largest file that is read [bytes]
LARGEST = 200_000_000

#: first bytes of a FlatGeobuf
_FLATGEOBUF = b"fgb\x03fgb"


def read_features(source: SourceFile) -> Features:
    """Read the features of an area file whose ending is one of ``ENDINGS``.

    Raises
    ------
    InvalidAreaError, AreaTooLargeError : see ``read_area``
    """
    size = source.path.stat().st_size
    if size == 0:
        raise InvalidAreaError(f"{source.name} is an empty file")
    if size > LARGEST:
        raise InvalidAreaError(
            f"{source.name} has {size / 1e6:,.0f} MB; at most {LARGEST / 1e6:,.0f} are allowed"
        )
    ending = source.path.suffix.lower()
    if source.choices.names_columns and ending not in WITH_COLUMNS:
        raise InvalidAreaError(
            f"{source.name} is no table: it has shapes; leave the columns of coordinates out "
            "(lon_field, lat_field)"
        )
    features = ENDINGS[ending](source)
    if ending not in CHOOSING and not features.layers:
        _check_only_layer(source)
    return features


def _check_only_layer(source: SourceFile) -> None:
    """Refuse a choice of layer in a file that has but one, unless it is that one."""
    wanted = source.choices.layer
    if wanted and wanted.casefold() != source.path.stem.casefold():
        raise InvalidAreaError(
            f"{source.name} has no layer {one_line(wanted)!r}; it has but one: leave the layer out"
        )


def _from_geojson(source: SourceFile) -> Features:
    try:
        text = source.path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidAreaError(f"{source.name} is no text, so no GeoJSON") from None
    if is_lines(text):
        return read_lines(text, source.name, source.limits, source.most)
    plain = parse_geojson(text, source.limits)
    if kind_of_json(plain):
        layers = read_other_json(plain, source.name, source.most)
        return choose_layer(layers, source.choices.layer, source.name)
    if _is_own(plain):
        return _own_features(plain, source.limits)
    return Features(read_table(plain, source.limits), stated_crs(plain))


def _own_features(plain: Mapping[str, Any], limits: Limits) -> Features:
    table, title = read_table(plain, limits), name_of(plain["title"])
    return Features(table, "", read_notes(plain.get("notes")), title, mixed=True)


def _is_own(plain: Mapping[str, Any]) -> bool:
    """Whether it looks as csserv writes an area: a title, and features of an id and a name each."""
    features = plain.get("features")
    if "title" not in plain or not isinstance(features, list):
        return False
    rows = [one if isinstance(one, dict) else {} for one in features]
    return all(one.get("id") and _keys(one.get("properties")) == {"name"} for one in rows)


def _keys(properties: object) -> set[str]:
    return set(properties) if isinstance(properties, dict) else set()


def _from_lines(source: SourceFile) -> Features:
    text = source.path.read_text(encoding="utf-8-sig", errors="replace")
    return read_lines(text, source.name, source.limits, source.most)


def _from_zip(source: SourceFile) -> Features:
    wanted = source.choices.layer or (DEFAULT if source.path.suffix.lower() == ".kmz" else "")
    with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
        taken = unpack(source.path, source.name, Path(folder), (PACKED, TABLES), wanted)
        choices = replace(source.choices, layer="") if taken.chosen else source.choices
        inner = SourceFile(taken.path, source.name, source.limits, choices)
        others = () if source.choices.layer else taken.others
        try:
            features = read_features(inner)
        except InvalidAreaError as error:
            if not others:
                raise
            raise InvalidAreaError(
                f"{error}; it holds {', '.join(others[:5])}, too, which may be chosen, as in "
                f"{source.name}:{others[0]} (layer)"
            ) from None
        said = f"zones are those of {wanted}; left out {are_named(others)}"
        notes = (Note("zones", said),) if others else ()
        return replace(features, notes=(*taken.notes, *notes, *features.notes))


def _from_geopackage(source: SourceFile) -> Features:
    layers, notes = read_geopackage(source.path, source.name, source.most)
    features = choose_layer(layers, source.choices.layer, source.name)
    return replace(features, notes=(*notes, *features.notes))


def _from_kml(source: SourceFile) -> Features:
    with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
        checked = check_kml(source.path, source.name, Path(folder))
        layers = read_layers(checked.path, source.name, source.most)
    if all(shape is None or shape.is_empty for one in layers for shape in one.table.shapes):
        raise checked.without_zones(source.name)
    features = join_layers(layers, source.choices.layer, source.name)
    return replace(features, notes=(*checked.notes, *features.notes))


def _from_gpx(source: SourceFile) -> Features:
    check_gpx(source.path, source.name)
    return read_waypoints(source.path, source.name, source.most)


def _from_flatgeobuf(source: SourceFile) -> Features:
    with source.path.open("rb") as file:
        if file.read(len(_FLATGEOBUF)) != _FLATGEOBUF:
            raise InvalidAreaError(f"{source.name} cannot be read: it is no FlatGeobuf")
    layers = read_layers(source.path, source.name, source.most)
    return choose_layer(layers, source.choices.layer, source.name)


def _from_table(source: SourceFile) -> Features:
    check_table(source.path, source.name)
    text, notes = source.text()
    table = read_text(text, source.name, source.most, source.choices)
    try:
        features = table.features(source.name, source.choices)
    except InvalidAreaError as error:
        if not (notes and error.columns):
            raise
        said = f"{error}; if these names look wrong, say how they are encoded (encoding)"
        raise InvalidAreaError(said, columns=error.columns) from None
    return replace(features, notes=(*features.notes, *notes))


def _from_workbook(source: SourceFile) -> Features:
    check_workbook(source.path, source.name)
    sheets = read_sheets(source.path, source.name, source.most)
    return choose_sheet(sheets, source.choices, source.name)


def _from_wkt(source: SourceFile) -> Features:
    """Read geometries one below the other."""
    text, _ = source.text()
    found = statements(text, source.most)
    return Features(FeatureTable([from_wkt(one, f"{source.name}, line {i}") for i, one in found]))


def _from_parquet(source: SourceFile) -> Features:
    return read_geoparquet(source.path, source.name, source.most, source.choices)


#: endings of files of shapes that may stand in a ZIP, and of tables where there are none of these
PACKED = (
    *(".geojson", ".json", ".topojson", ".geojsonl", ".shp", ".gpkg", ".kml", ".fgb"),
    *(".parquet", ".geoparquet", ".gpx"),
)
TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".wkt")

#: endings of files that have columns of coordinates, or may hold such a file
WITH_COLUMNS = (".zip", ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")

#: endings of files whose layer may be a file or a sheet
CHOOSING = (".zip", ".kmz", ".xlsx", ".xlsm", ".gpkg", ".kml")

#: file ending → function that reads it
ENDINGS: dict[str, Callable[[SourceFile], Features]] = {
    ".geojson": _from_geojson,
    ".json": _from_geojson,
    ".topojson": _from_geojson,
    ".geojsonl": _from_lines,
    ".ndjson": _from_lines,
    ".zip": _from_zip,
    ".kmz": _from_zip,
    ".shp": read_shapefile,
    ".gpkg": _from_geopackage,
    ".kml": _from_kml,
    ".gpx": _from_gpx,
    ".fgb": _from_flatgeobuf,
    ".csv": _from_table,
    ".tsv": _from_table,
    ".txt": _from_table,
    ".xlsx": _from_workbook,
    ".xlsm": _from_workbook,
    ".wkt": _from_wkt,
    ".parquet": _from_parquet,
    ".geoparquet": _from_parquet,
}
