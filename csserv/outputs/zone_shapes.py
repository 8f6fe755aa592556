"""Converts the series in a result's JSON to a GeoDataFrame with the geometries of the zones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from csserv.errors import InvalidAreaError
from csserv.outputs.further_dimensions import column_names, coordinate_of_each
from csserv.outputs.several_operations import check_one_operation
from csserv.outputs.xarray_pandas import to_dataframe
from csserv.request import Area


def to_geodataframe(
    plain: Mapping[str, Any], zones: Area | gpd.GeoDataFrame, wide: bool = False
) -> gpd.GeoDataFrame:
    """Join series with the geometries of their zones.

    Parameters
    ----------
    zones : the zones of the request; the index of a frame holds their ids, as text or not
    wide : one row for each zone and one column for each time, else one row for each of both; a zone
        of which there are several members has as many rows

    Raises
    ------
    InvalidAreaError : a zone of the result is not among those given
    InvalidRequestError : there are several operations, which do not fit into a wide table
    """
    frame = _frame(zones) if isinstance(zones, Area) else zones
    places = pd.Series(np.arange(len(frame)), frame.index.map(str))
    series = plain["series"]
    ids = [one["zone"]["id"] for one in series]
    if lacking := [name for name in ids if name not in places.index]:
        raise InvalidAreaError(
            f"zone {lacking[0]!r} of the result is not in the index of the {len(frame)} zones given"
        )
    rows = places.loc[ids].to_numpy()
    if wide:
        check_one_operation(plain)
        texts = series[0]["time"]
        values = np.array([one["value"] for one in series], dtype=float)
        found = pd.DataFrame(values, frame.index[rows], texts)
        columns = column_names(plain)
        for place, (name, column) in enumerate(columns.items()):
            found.insert(place, column, coordinate_of_each(plain, name))
        own = frame.iloc[rows].drop(columns=found.columns, errors="ignore")
        # by position, as a zone may have several rows
        both = own.reset_index(drop=True).join(found.reset_index(drop=True))
        joined = both.set_axis(own.index)
    else:
        tidy = to_dataframe(plain)
        chosen = frame.iloc[np.repeat(rows, len(series[0]["time"]))]
        own = chosen.drop(columns=tidy.columns, errors="ignore")
        joined = own.assign(**{name: tidy[name].to_numpy() for name in tidy.columns})
    joined.attrs["units"] = plain["units"]
    return joined


def _frame(area: Area) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": [zone.name for zone in area.zones]},
        geometry=[zone.geometry for zone in area.zones],
        index=pd.Index([zone.id for zone in area.zones], name="id"),
        crs="EPSG:4326",
    )
