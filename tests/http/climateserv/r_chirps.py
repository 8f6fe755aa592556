"""R's package chirps (CRAN, 2.0) with sf, replayed: what it sends, and what it takes from answers.

The polygons are what its ``as.geojson`` writes with sf 1.0-9, GDAL 3.6.2 and s2, for a buffer of
0.00001 round a point: in degrees where the points have no coordinate system, else in metres.
"""

from __future__ import annotations

import json
import time
from typing import Any

import requests

#: longest wait [s]; R itself would wait for ever where a request fails
PATIENCE = 60

#: place → polygon
DEGREES = {
    (24.0, 0.0): "[[24.00001,0.0],[24.000007071067813,-0.000007071067812],[24.0,-0.00001],"
    "[23.999992928932187,-0.000007071067812],[23.99999,-0.0],"
    "[23.999992928932187,0.000007071067812],[24.0,0.00001],"
    "[24.000007071067813,0.000007071067812],[24.00001,0.0]]",
    (24.5, 0.5): "[[24.50001,0.5],[24.500007071067813,0.499992928932188],[24.5,0.49999],"
    "[24.499992928932187,0.499992928932188],[24.49999,0.5],"
    "[24.499992928932187,0.500007071067812],[24.5,0.50001],"
    "[24.500007071067813,0.500007071067812],[24.50001,0.5]]",
}
METRES = {
    (24.0, 0.0): "[[23.999999972629102,-0.000000064996753],[24.000000063375428,-0.000000064996753],"
    "[24.000000063375428,0.0],[24.000000063375428,0.000000064996753],"
    "[23.999999972629102,0.000000064996753],[23.999999972629102,0.0],"
    "[23.999999972629102,-0.000000064996753]]",
    (24.5, 0.5): "[[24.499999967569416,0.499999992393991],[24.500000058210031,0.499999992033536],"
    "[24.500000058210031,0.500000057695022],[24.499999967569416,0.500000058055478],"
    "[24.499999967569416,0.499999992393991]]",
}


def geojson(ring: str) -> str:
    return f'{{"type":"Polygon","coordinates":[{ring}]}}'


def get_chirps(url: str, geometry: str, **changes: Any) -> list[tuple[str, float]]:
    """Submit, wait and fetch as ``get_chirps(server = "ClimateSERV")`` does; return its rows."""
    asked = {
        "datatype": "0",
        "begintime": "01/01/2019",
        "endtime": "01/03/2019",
        "intervaltype": "0",
        "operationtype": "5",
        "callback": "successCallback",
        "dateType_Category": "default",
        "isZip_CurrentDataType": "false",
        "geometry": geometry,
    }
    task_id = _get(url, "submitDataRequest", asked | changes).split('"')[1]
    until = time.monotonic() + PATIENCE
    while "100" not in (progress := _get(url, "getDataRequestProgress", {"id": task_id})):
        assert "-1" not in progress, "R would wait for ever"
        assert time.monotonic() < until
        time.sleep(0.05)
    rows = json.loads(_get(url, "getDataFromRequest", {"id": task_id}))["data"]
    # cbind(date, value) has two columns, so that a value of two keys breaks it
    return [(row["date"], value) for row in rows for (value,) in [tuple(row["value"].values())]]


def _get(url: str, method: str, query: dict[str, str]) -> str:
    answer = requests.get(
        f"{url}/api/{method}/?",
        params=query,
        headers={"Accept": "application/json, text/xml, application/xml, */*"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return answer.text
