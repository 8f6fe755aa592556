"""A request as Python code, as curl command, and as ClimateSERV call."""

from __future__ import annotations

import json
import shlex
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from csserv.catalog import Catalog, Layers
from csserv.catalog.layers import TITLES
from csserv.errors import GranuleError, InvalidAreaError, InvalidRequestError
from csserv.request import Area, Request
from csserv.request.options import PAIRS
from csserv.zonal.over_time.timestep import NATIVE

#: operation → ClimateSERV's number
OPERATIONS = {
    "max": 0,
    "min": 1,
    "median": 2,
    "range": 3,
    "sum": 4,
    "mean": 5,
    "geotiff": 6,
    "netcdf": 7,
    "csv": 8,
}

#: time step → ClimateSERV's interval type
INTERVALS = {NATIVE: 0, "daily": 0, "monthly": 1, "yearly": 2}


def as_python(request: Request, layers: Layers) -> str:
    """Write a request as Python code for the machine with the data."""
    options = "".join(f",\n    {name}={value!r}" for name, value in _options(request).items())
    area, needs = area_in_python(request.area, layers)
    return (
        f"import csserv\n{needs}\n"
        "service = csserv.connect()\n"
        "task = service.submit(\n"
        f"    {request.dataset!r}, {request.operation!r},\n"
        f"    area={area},\n"
        f"    period={str(request.period)!r}{options},\n"
        ")\n"
        "series = service.result(task).to_dataframe()\n"
    )


def as_curl(request: Request, layers: Layers, server: str) -> str:
    """Write a request as a curl command for the HTTP API; ``server`` is its address."""
    layer, known = known_features(request.area, layers)
    area = _name(layer, known) if len(known) == 1 else json.loads(request.area.geojson)
    body = {
        "dataset": request.dataset,
        "operation": request.operation,
        "area": area,
        "period": str(request.period),
        **_options(request),
    }
    return (
        f"curl {shlex.quote(f'{server}/api/v1/tasks')} \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d {shlex.quote(json.dumps(body, ensure_ascii=False))}\n"
    )


def as_climateserv(request: Request, catalog: Catalog, layers: Layers, server: str) -> str:
    """Write a request as the address of a ClimateSERV call.

    Raises
    ------
    InvalidRequestError : ClimateSERV's API cannot express it; says which part
    """
    number = catalog[request.dataset].number
    others = set(_options(request)) - {"time_step"}
    lacking = [
        (number is None, f"the dataset {request.dataset}"),
        (request.operation not in OPERATIONS, f"the operation {request.operation}"),
        (request.options.time_step not in INTERVALS, f"{request.options.time_step} steps"),
        (bool(others), ", ".join(sorted(others))),
        (len(request.area.zones) > 1, "several zones, each with a series of its own"),
    ]
    if parts := [words for lacks, words in lacking if lacks]:
        raise InvalidRequestError(f"ClimateSERV's API has no words for {'; '.join(parts)}")
    parameters: dict[str, Any] = {
        "datatype": number,
        "operationtype": OPERATIONS[request.operation],
        "intervaltype": INTERVALS[request.options.time_step],
        "begintime": request.period.start.strftime("%m/%d/%Y"),
        "endtime": request.period.end.strftime("%m/%d/%Y"),
        **_area_for_climateserv(request.area, layers),
    }
    return f"{server}/api/submitDataRequest/?{urlencode(parameters)}\n"


def area_in_python(area: Area, layers: Layers) -> tuple[str, str]:
    """Return an area as a Python expression, and the lines that must come before it."""
    layer, known = known_features(area, layers)
    if known:
        if len(known) == 1:
            return repr(_name(layer, known)), ""
        return f"service.layers.area({layer!r}, {known!r})", ""
    if len(area.zones) == 1 and area.zones[0].id == "point":
        shape = area.zones[0].geometry
        return f"csserv.Area.from_point({shape.x:g}, {shape.y:g})", ""
    if len(area.zones) == 1 and area.zones[0].id == "box":
        edges = ", ".join(f"{edge:g}" for edge in area.bounds)
        return f"csserv.Area.from_box({edges})", ""
    return "csserv.Area.from_geojson(AREA)", f"\nAREA = {area.geojson!r}\n"


def known_features(area: Area, layers: Layers) -> tuple[str, list[str]]:
    """Return layer and ids of the zones if all are features of one; else an empty list.

    A layer that cannot be read, or that is removed or replaced meanwhile, has none of them.
    """
    zones = {zone.id: zone for zone in area.zones}
    for layer in layers.values():
        with suppress(GranuleError, InvalidAreaError):
            found = [one for one in (*layer.features, *layer.parts) if one.id in zones]
            if len(found) == len(zones) and all(one == zones[one.id] for one in layer.zones(found)):
                return layer.id, list(zones)
    return "", []


def _name(layer: str, ids: list[str]) -> str:
    """Name one feature: by its id alone, where that is found without its layer."""
    return ids[0] if layer in TITLES else f"{layer}/{ids[0]}"


def _options(request: Request) -> dict[str, Any]:
    options = request.options.to_dict()
    return options | {name: dict(options[name]) for name in PAIRS if name in options}


def _area_for_climateserv(area: Area, layers: Layers) -> dict[str, str]:
    layer, known = known_features(area, layers)
    if known:
        return {"layerid": layer, "featureids": ",".join(known)}
    geometry = json.loads(area.geojson)["features"][0]["geometry"]
    return {"geometry": json.dumps(geometry, separators=(",", ":"))}
