"""What may be asked about requests: check one, estimate its cost, submit it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csserv.catalog.area_lookup import AreaLike
from csserv.request import Options, Period, Request
from csserv.request.plain_text import check_text
from csserv.request.reference import read_reference
from csserv.tasks.log.task import Task
from csserv.tasks.plan.estimate import Estimate


@dataclass(frozen=True)
class Sender:
    """Who submits a request, and how; see ``RequestMethods.submit``."""

    client: str | None = None
    priority: int = 0
    task_id: str = ""
    request_id: str = ""

    def __post_init__(self) -> None:
        check_text(self.client, "client")


class RequestMethods(ABC):
    """What can be done with a request before it is a task."""

    @abstractmethod
    def request(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        options: Options | None = None,
    ) -> Request:
        """Check a request without submitting it.

        Parameters
        ----------
        dataset : name or ClimateSERV number
        operation : a name in ``csserv.zonal.operations.OPERATIONS``, or a percentile like ``p90``;
            or several, which are computed together: ``"mean,max,p90"``
        area : an area; a name like ``"Kenya"``, ``"Kenya/Rift Valley"`` or ``"Kenya/*"`` (each
            unit is a zone); the path of a GeoJSON, zipped shapefile, GeoPackage or KML file; a
            GeoDataFrame (each row is a zone); or a shapely geometry
        period : ``"2019"``, ``"2019-03"`` or ``"2019-01-01/2019-12-31"``
        options : time step, units, weighting; see ``csserv.request.Options``

        Raises
        ------
        InvalidRequestError : something is wrong; the message says what is allowed
        GranuleError : a file of the period is unreadable
        """

    @abstractmethod
    def estimate(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        options: Options | None = None,
    ) -> Estimate:
        """Estimate what a request would cost, and whether it would be refused; no task is made.

        See :meth:`request` for the parameters and the errors.
        """

    def submit(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        *,
        time_step: str | None = None,
        units: str | None = None,
        weighting: str | None = None,
        least_valid: float | None = None,
        over_time: str | None = None,
        accumulate: int | None = None,
        against: str | bool | None = None,
        own_year: str | None = None,
        index: str | None = None,
        index_options: Mapping[str, Any] | None = None,
        select: Mapping[str, Any] | None = None,
        options: Options | None = None,
        client: str | None = None,
        priority: int = 0,
        task_id: str = "",
        request_id: str = "",
    ) -> Task:
        """Check a request and queue it as a task; when this returns, it is on disk.

        See :meth:`request` for the first four parameters and the errors.

        Parameters
        ----------
        time_step : "native" (that of the data), daily, pentad, weekly, dekad, monthly, seasonal,
            yearly, or period (all of it at once). Longer steps are made cell by cell, before zones
            are reduced: rates such as mm/day are summed over time, states such as K averaged
        units : of the series, such as "degC" or "kg m-2"; None for those of the operation
        weighting : "area" (exact shares of cells, the default), or "centre" (whole cells, as in
            older services), or "share" (shares of cells in square degrees, whatever their area, as
            exactextract, terra and Google Earth Engine have them)
        least_valid : share of a longer step that must have data, or it is missing [%]; default 80
        over_time : how longer steps are made: "sum", "mean", "max" or "min"; None for what the data
            need
        accumulate : how many time steps each step of the result holds, itself and those before it:
            ``time_step="monthly", accumulate=3`` is the rain of three months, each month anew
        against : first and last year of a reference, such as "1991/2020": each step comes with what
            is normal for it, and with how far it is from that. True for the years that suit the
            dataset: 1991 to 2020 or, where the data begin later, all of theirs
        own_year : "in" (the default) or "out": whether a step's own year is part of its reference
        index : in place of the values, an index of them: "spi", "deciles", "cdd", … It is computed
            of the whole record; ``against`` is its reference, and ``accumulate`` the steps that it
            adds up: ``time_step="monthly", accumulate=3, index="spi"`` is SPI-3
        index_options : what it can be told, such as ``{"distribution": "pearson"}``; and
            ``{"compare": "xclim"}`` for the steps that a second library puts into another class
        select : coordinate to take of each further dimension: ``{"member": 3}``; or several,
            ``{"member": [1, 2, 5]}``, or all, ``{"member": "*"}``, each with a series of its own
        options : all of these at once, in their stead
        client : who submits it, the user's name by default; clients take turns if several wait
        priority : -10 to 10; higher ones are claimed first
        task_id : a UUID of your own; submitting it again changes nothing, so that a program that
            did not get the answer can repeat the call
        request_id : by which logs and the result name this call; made if empty

        Raises
        ------
        TaskLogError : the log cannot be written; nothing was queued
        TooManyRequestsError : the client has too many unfinished tasks
        """
        options = options or Options.of(
            select,
            index_options,
            time_step=time_step,
            units=units,
            weighting=weighting,
            least_valid=least_valid,
            over_time=over_time,
            accumulate=accumulate,
            against=read_reference(against),
            own_year=own_year,
            index=index,
        )
        sender = Sender(client, priority, task_id, request_id)
        return self._queue(dataset, operation, area, period, options, sender)

    @abstractmethod
    def _queue(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        options: Options,
        sender: Sender,
    ) -> Task:
        """Check a request and queue it, for ``submit``."""
