"""The method of ClimateSERV's API that submits a request, and the reading of its parameters."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from uuid import uuid4

import shapely

from csserv.access import Role
from csserv.catalog import FeatureLayer
from csserv.errors import InvalidAreaError, InvalidRequestError, nearest
from csserv.http.climateserv.call import Call, Parameters, Reply, quoted
from csserv.http.climateserv.tables import entry_of, operation_code_of, time_step_of
from csserv.request import Area, Period
from csserv.request.limits import Limits
from csserv.service import Service

ROLE = Role.SUBMITTER


def submit(call: Call) -> Reply:
    """Queue a request; return its id.

    A request that ClimateSERV would accept and then lose gets an id without a task, whose progress
    is -1.
    """
    entry = entry_of(call.service.catalog, call.parameters)
    code, time_step = operation_code_of(call.parameters), time_step_of(call.parameters)
    period = period_of(call.parameters)
    if entry.withdrawn:
        return Reply([str(uuid4())])
    years = call.service.settings.max_years_climateserv
    if (period.end - period.start).days > years * 365.25:
        return Reply([str(uuid4()), f"Max date range is: {years:g} years"])
    task = call.service.submit(
        entry.name,
        code.operation,
        area_of(call.service, call.parameters),
        period,
        time_step=time_step,
        client=call.caller.name,
        request_id=call.request_id,
    )
    return Reply([task.id])


def period_of(parameters: Parameters) -> Period:
    """Read the period, first and last day included."""
    return Period(_day(parameters, "begintime"), _day(parameters, "endtime"))


def area_of(service: Service, parameters: Parameters) -> Area:
    """Read the area; several features become one zone, as an answer has room for one series only.

    Raises
    ------
    InvalidAreaError : no area is given, or it is not usable
    """
    if text := parameters.get("geometry"):
        area = Area.from_geojson(text, limits=service.limits)
    elif layer := parameters.get("layerid"):
        ids = parameters.need(
            "featureids", f"ids of features of {quoted(layer)}, with commas between"
        )
        area = _features(service.layers[layer], ids, service.limits)
    else:
        raise InvalidAreaError("no area: give geometry (GeoJSON), or layerid and featureids")
    area.check(service.limits)
    return _dissolved(area)


def _day(parameters: Parameters, name: str) -> date:
    text = parameters.need(name, "a day, MM/DD/YYYY")
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text, re.ASCII)
    if not found:
        raise InvalidRequestError(f"{name} is {quoted(text)}; write a day as MM/DD/YYYY")
    month, day, year = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError as error:
        raise InvalidRequestError(f"{name} is {quoted(text)}, no day: {error}") from None


def _features(layer: FeatureLayer, ids: str, limits: Limits) -> Area:
    wanted = dict.fromkeys(text.strip() for text in ids.split(",") if text.strip())
    limits.check_counts(len(wanted), 0)
    found = []
    for text in wanted:
        if (known := layer.with_id(text)) is not None:
            found.append(known)
        else:
            close = nearest(text[:80], (feature.id for feature in layer.features))
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise InvalidAreaError(f"{layer.id} has no feature with the id {quoted(text)}{hint}")
    title = ", ".join(feature.name for feature in found)
    return layer.area(list(dict.fromkeys(found)), title)


def _dissolved(area: Area) -> Area:
    if len(area.zones) == 1:
        return area
    try:
        shape = shapely.union_all([zone.geometry for zone in area.zones])
    except shapely.GEOSException as error:
        raise InvalidAreaError(f"the features cannot become one area: {error}") from None
    if shape.geom_type == "GeometryCollection":
        raise InvalidAreaError(
            "points and polygons together are no area; ask for the ones and the others separately"
        )
    return replace(Area.from_geometry(shape, area.title), notes=area.notes)
