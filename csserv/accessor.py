"""Zonal statistics of data that are open in xarray: the same numbers as the service's, in process.

``import csserv.accessor`` gives each Dataset and DataArray an attribute ``.csserv``. It must be
imported by name, as ``rioxarray`` and ``cf_xarray`` are: tied to ``import csserv``, it would load
xarray, or work only if xarray was imported before.
"""

from __future__ import annotations

import calendar
import warnings
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import xarray as xr

from csserv.catalog import CatalogEntry, Layers
from csserv.catalog.area_lookup import find_area
from csserv.catalog.entry import day
from csserv.catalog.read.memory import ArrayGranule, as_granule
from csserv.catalog.timeline.steps_of_files import lay_timeline
from csserv.errors import InvalidRequestError, nearest
from csserv.outputs.xarray_pandas import to_xarray
from csserv.request import Options, Period, Request
from csserv.request.period import Day
from csserv.tasks.work.in_process import compute_series
from csserv.zonal.cf_names import series_attributes
from csserv.zonal.conversion import check_options
from csserv.zonal.operations import OPERATIONS, operation
from csserv.zonal.over_time.longer_steps import with_steps_before

#: options of a request that a field can have
ALLOWED = ("time_step", "units", "weighting", "least_valid", "over_time", "accumulate")


@xr.register_dataarray_accessor("csserv")
class FieldAccessor:
    """The ``.csserv`` of a DataArray."""

    def __init__(self, field: xr.DataArray) -> None:
        self._field = field

    def zonal(
        self,
        name: str,
        area: Any,
        *,
        period: Period | str | None = None,
        crs: str = "",
        **options: Any,
    ) -> xr.DataArray:
        """Reduce the cells of each zone to a series.

        Parameters
        ----------
        name : of the operation: mean, max, median, p90, total, …
        area : as for ``Service.submit``: an area, a name, a file, a GeoDataFrame, a geometry
        period : ``"2019"``, …; all of the data if None
        crs : of its horizontal axes, such as ``"EPSG:32637"``, in place of what they say
        options : ``time_step``, ``units``, ``weighting``, ``least_valid``, ``over_time``,
            ``accumulate``, as of ``Service.submit``

        Returns
        -------
        series : (time,), or (zone, time) if there are several zones, as from ``Result.to_xarray``;
            NaN where a zone has no data

        Raises
        ------
        InvalidRequestError : the data lack an axis, or the request does not suit them
        UnplacedError : the data cannot be placed on the Earth

        Warns
        -----
        UserWarning : something was assumed of the cells, or left out
        """
        return _zonal(as_granule(self._field, crs=crs), name, area, period, options)


@xr.register_dataset_accessor("csserv")
class DatasetAccessor:
    """The ``.csserv`` of a Dataset."""

    def __init__(self, data: xr.Dataset) -> None:
        self._data = data

    def zonal(
        self,
        name: str,
        area: Any,
        var: str | None = None,
        *,
        period: Period | str | None = None,
        crs: str = "",
        **options: Any,
    ) -> xr.DataArray:
        """Reduce the cells of each zone to a series; see ``FieldAccessor.zonal``.

        Parameters
        ----------
        var : name of the variable; needed only if several are on a grid
        """
        chosen = self._chosen(var)
        beside = {str(key): self._data[key] for key in self._data.variables if key != chosen}
        return _zonal(as_granule(self._data[chosen], beside, crs), name, area, period, options)

    def _chosen(self, var: str | None) -> str:
        bounds = {one.attrs.get("bounds") for one in self._data.variables.values()}
        known = [
            str(name)
            for name, one in self._data.data_vars.items()
            if one.ndim >= 2 and name not in bounds
        ]
        if var is None and len(known) == 1:
            return known[0]
        if var is None:
            raise InvalidRequestError(f"say which var, of {', '.join(known) or 'none on a grid'}")
        if var not in self._data:
            has = ", ".join(nearest(var, known) or known)
            raise InvalidRequestError(f"no variable {var!r}; there is {has}")
        return var


def _zonal(
    granule: ArrayGranule,
    name: str,
    area: Any,
    period: Period | str | None,
    options: Mapping[str, Any],
) -> xr.DataArray:
    wanted = operation(name)
    if wanted.export:
        series = ", ".join(key for key, one in OPERATIONS.items() if not one.export)
        raise InvalidRequestError(f"{name} makes files, which a service does; give {series}")
    if wrong := set(options) - set(ALLOWED):
        raise InvalidRequestError(
            f"unknown option {sorted(wrong)[0]!r}; allowed are {', '.join(ALLOWED)}"
        )
    header = granule.header()
    for remark in header.placing:
        warnings.warn(remark, UserWarning, stacklevel=3)
    entry = CatalogEntry(granule.variable, granule.variable, granule.variable, "", Path())
    request = Request(
        dataset=entry.name,
        operation=name,
        area=find_area(area, Layers.bundled()),
        period=_period(period, header.first, header.last),
        options=Options.of(**options),
    )
    every = lay_timeline([(granule, header)])
    found_steps = entry.covering_of(every, request.period)
    timeline = with_steps_before(every, found_steps, request.options)
    check_options(entry, timeline, request.options, [wanted])
    found = compute_series(entry, timeline, request)
    longer, (conversion,) = found.plan.steps.longer, found.conversions
    plain = {
        "request": {"dataset": entry.name, "operation": name},
        "units": conversion.units,
        "variable": series_attributes(entry.variable, header, request.options, conversion, wanted),
        "calendar": header.calendar,
        "steps": {
            "end": [day(step.end) for step in longer],
            "complete": [step.complete for step in longer],
        }
        if longer
        else None,
        "series": found.series.to_list(),
    }
    return to_xarray(plain)


def _period(given: Period | str | None, first: Day, last: Day) -> Period:
    if given is None:
        return Period(_date(first), _date(last))
    return given if isinstance(given, Period) else Period.parse(given)


def _date(known: Day) -> date:
    """Turn a day of any calendar into a date; 30 February becomes the end of its month."""
    year, month, number = known
    return date(year, month, min(number, calendar.monthrange(year, month)[1]))
