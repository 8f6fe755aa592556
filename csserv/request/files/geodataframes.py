"""Areas from frames of geopandas and pandas: the index gives the ids of zones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request.area import Area
from csserv.request.feature_table import FeatureTable
from csserv.request.files.features import Features
from csserv.request.files.file_choices import NO_CHOICES, FileChoices
from csserv.request.files.tables.point_tables import Table
from csserv.request.limits import FILE_LIMITS, Limits


def area_of_frame(
    frame: Any, choices: FileChoices = NO_CHOICES, limits: Limits = FILE_LIMITS
) -> Area:
    """Build an area with a zone for each row; the index, as text, gives the ids.

    Coordinates are converted to longitude/latitude if there is a coordinate system.

    Parameters
    ----------
    frame : a GeoDataFrame, or a GeoSeries

    Raises
    ------
    InvalidAreaError : no rows, an index that repeats, no such column, or no usable zone
    AreaTooLargeError : more zones or vertices than the limits allow
    """
    if not len(frame):
        raise InvalidAreaError("the frame is empty: it holds no zone")
    if choices.names_columns:
        raise InvalidAreaError("the frame has shapes; leave lon_field and lat_field out")
    ids = labels_of(frame.index)
    if len(set(ids)) < len(ids):  # results are joined to the frame by it
        twice = next(one for one, count in Counter(ids).items() if count > 1)
        raise InvalidAreaError(f"two zones have the same id: {twice}; give the frame another index")
    columns = list(getattr(frame, "columns", ()))
    every = {str(name): frame.iloc[:, i] for i, name in enumerate(columns)}  # names may repeat
    fields = {name: column.tolist() for name, column in every.items() if not _is_geometry(column)}
    table = FeatureTable(list(frame.geometry), fields, ids, keyed=True)
    title = f"{len(ids)} zones"
    crs = "" if frame.crs is None else frame.crs.to_wkt()
    return Features(table, crs).to_area("the frame", title, limits, choices)


def area_of_table(
    frame: Any, choices: FileChoices = NO_CHOICES, limits: Limits = FILE_LIMITS
) -> Area:
    """Build an area with a point for each row of a DataFrame with columns such as lon and lat.

    The index, as text, gives the ids; one that repeats gives none, which a note tells.

    Raises
    ------
    InvalidAreaError : no such columns, or a value that is no coordinate
    AreaTooLargeError : more zones than the limits allow
    """
    ids = labels_of(frame.index)
    named = [name for name in frame.index.names if name is not None]
    header = [*map(str, named), *labels_of(frame.columns)]
    columns = [frame.index.get_level_values(name).tolist() for name in named]
    columns += [frame.iloc[:, i].tolist() for i in range(len(frame.columns))]  # names may repeat
    once = len(set(ids)) == len(ids)
    rows = zip(ids, zip(*columns, strict=True), strict=True)
    keys: dict[int | str, str] = {one: one for one in ids} if once else {}
    table = Table([("of columns", header), *rows], what="row", ids=keys)
    features = table.features("the frame", choices)
    if not once:
        said = Note("zones", "the index of the frame repeats, so that it gives no ids")
        features = replace(features, notes=(*features.notes, said))
    return features.to_area("the frame", f"{len(frame)} zones", limits, choices)


def labels_of(index: Any) -> list[str]:
    """Return the labels of an index as texts; those of several levels as "A / 1"."""
    if getattr(index, "nlevels", 1) == 1:
        return [str(one) for one in index]
    parts = ([str(one) for one in label if str(one)] for label in index)
    return [" / ".join(label) for label in parts]


def is_table(given: object) -> bool:
    """Whether something is a DataFrame; does not load pandas."""
    return all(hasattr(given, name) for name in ("columns", "index", "iloc", "to_csv"))


def is_frame(given: object) -> bool:
    """Whether something is a GeoDataFrame or a GeoSeries; does not load geopandas."""
    return all(hasattr(given, name) for name in ("geometry", "crs", "to_crs", "index"))


def _is_geometry(column: Any) -> bool:
    return str(getattr(column, "dtype", "")) == "geometry"
