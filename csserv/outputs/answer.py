"""The series of a task, whole or in part, and the ways to open them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csserv.request import Area

if TYPE_CHECKING:  # slow to import, so loaded where they are made
    import geopandas as gpd
    import pandas as pd
    import xarray as xr


class Answer:
    """What results and parts of them have in common.

    Attributes
    ----------
    json : in the form of a result's file: ``request``, ``units``, ``calendar``, ``series``
    area : what was asked about, with the shapes of its zones
    """

    if TYPE_CHECKING:  # said to readers only: these are fields of some, and properties of others

        @property
        def json(self) -> dict[str, Any]:
            """See above."""

        @property
        def area(self) -> Area:
            """See above."""

    def to_xarray(self) -> xr.DataArray:
        """Read the series as ``(time,)``, or ``(zone, time)`` where there are several zones.

        A step without data is NaN; ``valid_percent`` is a coordinate [per cent], and for longer
        time steps so are ``last_day`` and ``complete``. Attributes are those of CF.
        """
        from csserv.outputs import xarray_pandas

        return xarray_pandas.to_xarray(self.json)

    def to_dataframe(self, wide: bool = False) -> pd.DataFrame:
        """Read the series as rows of zone, zone_id, time, value and valid_percent.

        Parameters
        ----------
        wide : a row a time and a column a zone instead, by name, or by id where two names agree
        """
        from csserv.outputs import xarray_pandas

        return xarray_pandas.to_dataframe(self.json, wide)

    def to_geodataframe(
        self, zones: gpd.GeoDataFrame | None = None, wide: bool = False
    ) -> gpd.GeoDataFrame:
        """Read the series with the shapes of the zones: a row a zone and time.

        Parameters
        ----------
        zones : the frame that ``map_zones`` was given: its columns and shapes are kept, and rows
            are found by its index. Without it, the shapes are those of ``area``
        wide : a row a zone and a column a time instead, named by it: ``"2019-03-01"``
        """
        from csserv.outputs import zone_shapes

        return zone_shapes.to_geodataframe(self.json, self.area if zones is None else zones, wide)
