"""Methods of ClimateSERV's API that list operations, layers, forecasts and datasets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import uuid4

from csserv.catalog import CatalogEntry
from csserv.catalog.entry import day
from csserv.http.climateserv.call import NO_DATA, Call, Reply
from csserv.http.climateserv.submitting import area_of
from csserv.http.climateserv.tables import OPERATION_CODES, Member, entry_of, member
from csserv.request.measures import ellipsoid_km2


def parameter_types(call: Call) -> Reply:
    """List the operations."""
    return Reply([[code.number, code.key, code.label] for code in OPERATION_CODES])


def feature_layers(call: Call) -> Reply:
    """List the feature layers; the first one is marked as visible."""
    rows = [
        {"id": layer.id, "displayName": layer.title, "visible": "false" if place else "true"}
        for place, layer in enumerate(call.service.layers.values())
    ]
    return Reply(rows)


def aoi_area(call: Call) -> Reply:
    """Return the size of an area [km2]."""
    shapes = [zone.geometry for zone in area_of(call.service, call.parameters).zones]
    return Reply({"area": f"{ellipsoid_km2(shapes):.1f}", "unique_id": None})


def scenarios(call: Call) -> Reply:
    """List the members of the seasonal forecasts that have files here, and their time span."""
    here = [
        (found, entry)
        for entry in call.service.catalog.here().values()
        if (found := member(entry.number))
    ]
    here.sort(key=lambda pair: pair[0].number)
    groups = groupby((found for found, _ in here), key=lambda found: found.ensemble)
    return Reply(
        {
            "unique_id": str(uuid4()),
            "RequestName": "getClimateScenarioInfo",
            "climate_DatatypeMap": [
                {"climate_Ensemble": name, "climate_DataTypes": [_member(one) for one in group]}
                for name, group in groups
            ],
            "climate_DataTypeCapabilities": _extent([entry for _, entry in here]),
            "isError": False,
        }
    )


def capabilities(call: Call) -> Reply:
    """Return time span, bounds and units of a dataset."""
    entry = entry_of(call.service.catalog, call.parameters)
    entry.check_here()
    return Reply(
        {
            "RequestName": "getCapabilitiesForDataset",
            "Request_Param_Name": "datatype",
            "Request_Param_Value": entry.number,
            "current_DataType_Capabilities_List": [_capabilities(entry)],
            "isError": False,
        }
    )


def _capabilities(entry: CatalogEntry) -> dict[str, Any]:
    found = entry.coverage()
    return {
        "name": entry.name,
        "description": entry.description or entry.title,
        "variable": entry.variable,
        "units": entry.units,
        "startDateTime": found.first[:10],
        "endDateTime": found.last[:10],
        "bbox": list(found.bounds),
        "resolution": found.resolution[0],
        "fillValue": NO_DATA if found.fill is None else found.fill,
    }


def _extent(entries: Sequence[CatalogEntry]) -> list[dict[str, Any]]:
    """Return the time span of several datasets together; an empty list without datasets."""
    if not entries:
        return []
    firsts, lasts = zip(*(entry.extent() for entry in entries), strict=True)
    days = {"startDateTime": day(min(firsts)), "endDateTime": day(max(lasts))}
    return [{"current_Capabilities": days}]


def _member(one: Member) -> dict[str, Any]:
    return {
        "dataType_Number": one.number,
        "climate_Variable": one.variable,
        "climate_Ensemble": one.ensemble,
        "climate_Ensemble_Label": "",
        "climate_Variable_Label": "",
    }
