"""The series of a result, or of the part known so far, as xarray, pandas or geopandas objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from csserv.notes import Note
from csserv.outputs.further_dimensions import choose_coordinates
from csserv.outputs.questions.zone_questions import ZoneQuestions
from csserv.outputs.several_operations import choose_operation, operations_of
from csserv.request import Area

if TYPE_CHECKING:  # slow to import, so loaded where they are used
    import geopandas as gpd
    import pandas as pd
    import xarray as xr

    from csserv.outputs.reasons import Reason


class SeriesResult(ZoneQuestions):
    """What a result and a partial result have in common: conversions of the series.

    Attributes
    ----------
    json : as in a result's JSON file: ``request``, ``units``, ``calendar``, ``series``
    area : the area of the request, with the geometries of its zones
    """

    if TYPE_CHECKING:  # declared for type checkers: fields of some subclasses, properties of others

        @property
        def json(self) -> dict[str, Any]:
            """See above."""

        @property
        def area(self) -> Area:
            """See above."""

    @property
    def in_arrays(self) -> dict[str, Any]:
        """``json``; where it is large, with numbers in arrays, which take a quarter of the memory.

        NaN stands where there is no number.
        """
        return self.json

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was assumed, left out or narrowed to answer the request."""
        return notes_in(self.json)

    @property
    def operations(self) -> list[str]:
        """The operations that were asked for."""
        return operations_of(self.json)

    def select(self, operation: str | None = None, **coordinates: Any) -> SeriesResult:
        """Return the answer of one of several operations, or of one of several members.

        Parameters
        ----------
        operation : one that was asked for; all of them stay if None
        coordinates : of dimensions of which several were asked for: ``member=3``

        Raises
        ------
        InvalidRequestError : it was not asked for; says what was
        """
        return OfOneOperation(self._chosen(operation, coordinates), self.area)

    def _chosen(self, operation: str | None, coordinates: Mapping[str, Any]) -> dict[str, Any]:
        plain = self.json if operation is None else choose_operation(self.json, operation)
        return choose_coordinates(plain, coordinates)

    def why(
        self,
        date: Any,
        zone: str | None = None,
        operation: str | None = None,
        select: Mapping[str, Any] | None = None,
    ) -> Reason:
        """Say why a zone has no value at a step: see the reason's ``code`` and ``text``.

        Parameters
        ----------
        date : a step of the result, or a day that lies in one, or should: ``"2019-03-07"``
        zone : name or id; needed only if there are several
        operation : of several, the first if None
        select : coordinate of each dimension of which there are several: ``{"member": 3}``

        Returns
        -------
        reason : its ``code`` is ``value`` (there is one), ``outside`` (the zone is off the grid),
            ``period`` (not asked for), ``no_step`` (missing in the archive), ``no_data`` (no cell
            of the zone has data), ``least_valid`` (too few days have data), ``index`` (it cannot be
            computed there) or ``not_finite``

        Raises
        ------
        InvalidRequestError : no such zone, operation or coordinate, or several steps; says what
            there is
        """
        from csserv.outputs import reasons

        return reasons.why(self.json, date, zone, operation, select)

    def in_words(
        self,
        date: Any = None,
        zone: str | None = None,
        operation: str | None = None,
        select: Mapping[str, Any] | None = None,
    ) -> str:
        """Say what values of a step are, in sentences, a line each zone.

        Against what is normal, if that was asked for: "Turkana, March-May 2011: 86 mm, 52 % of
        normal (165 mm); drier than 26 of 30 years of 1991-2020". That data are synthetic is said.

        Parameters
        ----------
        date : a step of the result, or a day that lies in one; the last step if None
        zone : name or id; all if None
        operation, select : as those of ``why``

        Raises
        ------
        InvalidRequestError : no such zone, step, operation or coordinate, or several; says what
            there is
        """
        from csserv.outputs.words import sentence

        return sentence.in_words(self.json, date, zone, operation, select)

    def to_dataset(self) -> xr.Dataset:
        """Return a variable for each operation, or the index, named after it; see ``to_xarray``.

        The statistics of a request against what is normal are variables, too.
        """
        from csserv.outputs import xarray_pandas

        return xarray_pandas.to_dataset(self.in_arrays)

    def to_xarray(self) -> xr.DataArray:
        """Return the series as (time,), or (zone, time) if there are several zones.

        Of several operations, the first: ``to_dataset`` gives all. Several members, or coordinates
        of another dimension, are a dimension before time. Steps without data are NaN.
        ``valid_percent`` is a coordinate [%], and for longer time steps so are
        ``valid_steps_percent``, ``last_day`` and ``complete``, and the statistics of a request
        against what is normal: ``normal``, ``anomaly``, … Attributes follow CF.
        """
        from csserv.outputs import xarray_pandas

        return xarray_pandas.to_xarray(self.in_arrays)

    def to_climatology(self) -> xr.Dataset:
        """Return what is normal at each step of the year, once: 12 months of all Januaries, ….

        Of a request against what is normal. Its time is a climatological axis, as CF 1.11 has it in
        7.4: ``climatology_bnds`` says from when to when each normal is of, and ``cell_methods``
        what was done within and over years. ``to_dataset`` has the same numbers beside each value.

        Raises
        ------
        InvalidRequestError : it is compared with nothing, or each year has normals of its own, as
            its own year does not count
        """
        from csserv.outputs.netcdf.climatology_dataset import climatology_dataset

        return climatology_dataset(self.in_arrays)

    def spread(
        self, dimension: str | None = None, shares: Sequence[float] = (0.1, 1 / 3, 0.5, 2 / 3, 0.9)
    ) -> xr.Dataset:
        """Return what the members of an ensemble say together: quantiles and mean, beside each.

        Of a request with ``select={"member": "*"}``. Members without a value at a step do not count
        there; ``members_used`` says how many did. Quantiles are Hazen's, as those of normals.

        Parameters
        ----------
        dimension : over which; needed only if the result has several
        shares : of the quantiles, 0 to 1

        Raises
        ------
        InvalidRequestError : the result has no such dimension; says what it has
        """
        from csserv.outputs.ensemble_spread import ensemble_spread

        return ensemble_spread(self.in_arrays, dimension, shares)

    def to_dataframe(self, wide: bool = False) -> pd.DataFrame:
        """Return the series as rows of zone, zone_id, time, value and valid_percent.

        Steps without data are NaN. Of several operations, each has a column of its own in place of
        ``value``. Rows of longer time steps also have ``valid_steps_percent``, the share of the
        step's days that have data, all cells taken together, and ``complete``: whether period and
        data fill the step. Several members, or coordinates of another dimension, have a column of
        its name after ``zone_id``. The statistics of a request against what is normal are the last
        columns: ``normal``, …, ``tercile``, which is empty where nothing is said.

        Parameters
        ----------
        wide : one row for each time and one column for each zone instead; columns are named by the
            zone's name, or by its id if two names are the same, and on further levels by member
        """
        from csserv.outputs import xarray_pandas

        return xarray_pandas.to_dataframe(self.in_arrays, wide)

    def to_geodataframe(
        self, zones: gpd.GeoDataFrame | None = None, wide: bool = False
    ) -> gpd.GeoDataFrame:
        """Return the series with the geometries of the zones: one row for each zone and time.

        Parameters
        ----------
        zones : the frame given to ``map_zones``: its columns and geometries are kept, and rows are
            matched by its index. If None, the geometries are those of ``area``
        wide : one row for each zone and one column for each time instead, named ``"2019-03-01"``

        Raises
        ------
        InvalidAreaError : a zone of the result is not in ``zones``
        """
        from csserv.outputs import zone_shapes

        known = self.area if zones is None else zones
        return zone_shapes.to_geodataframe(self.in_arrays, known, wide)


@dataclass(frozen=True, eq=False)
class OfOneOperation(SeriesResult):
    """The answer of one of several operations, or of one of several members."""

    json: dict[str, Any]
    area: Area


def notes_in(plain: Mapping[str, Any]) -> tuple[Note, ...]:
    """Return the notes of a result's JSON."""
    return tuple(map(Note.from_dict, plain.get("notes", ())))
