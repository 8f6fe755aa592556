"""The files of a result: as they lie on the server, or written anew for a spreadsheet."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from csserv.outputs import Result

#: larger files are not sent through the page, whose connection they would block [bytes]
LARGEST = 100 * 2**20

#: a sheet of a workbook has so many rows, and one for the names
ROWS = 1_048_575


def as_json(result: Result) -> bytes:
    """Read the JSON as it lies on the server."""
    return result.path.read_bytes()


def as_csv(result: Result) -> bytes:
    """Write rows of zone, time, value and per cent valid; a step without data has no value."""
    return _frame(result).to_csv(index=False).encode()


def as_xlsx(result: Result) -> bytes:
    """Write a workbook: the series, and where they come from."""
    frame = _frame(result)
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="xlsxwriter") as writer:
        frame.head(ROWS).to_excel(writer, sheet_name="series", index=False, freeze_panes=(1, 0))
        origin(result).to_excel(writer, sheet_name="where from", index=False)
        writer.sheets["series"].set_column(0, len(frame.columns) - 1, 18)
        writer.sheets["where from"].set_column(0, 1, 32)
    return buffer.getvalue()


def as_netcdf(result: Result) -> bytes:
    """Write the series as CF NetCDF, ``(time,)`` or ``(zone, time)``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.nc"
        result.to_xarray().to_netcdf(path, engine="netcdf4")
        return path.read_bytes()


def as_zip(result: Result) -> bytes:
    """Read the ZIP of an export."""
    return archive(result).read_bytes()  # type: ignore[union-attr]  # offered where there is one


#: ending → how the file is made, in the order of the buttons
FORMATS: dict[str, Callable[[Result], bytes]] = {
    "csv": as_csv,
    "json": as_json,
    "xlsx": as_xlsx,
    "nc": as_netcdf,
    "zip": as_zip,
}


def offered(result: Result) -> list[str]:
    """List the formats that a result can be had in."""
    found = archive(result)
    has_zip = found is not None and found.stat().st_size <= LARGEST
    return [name for name in FORMATS if name != "zip" or has_zip]


def archive(result: Result) -> Path | None:
    """Find the ZIP of an export, where there is one."""
    return next((path for path in result.files if path.suffix == ".zip"), None)


def origin(result: Result) -> pd.DataFrame:
    """Say what was asked and where the numbers come from, in rows of two columns."""
    plain = result.json
    made, asked = plain["provenance"], plain["request"]
    dataset = made["dataset"]
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    granules = made["granules"]
    rows = [
        ("Dataset", f"{dataset['title']} ({dataset['name']})"),
        ("Source", dataset["source"]),
        ("Licence", dataset["licence"]),
        ("Operation", asked["operation"]),
        ("Area", asked["area"]),
        ("Period", asked["period"].replace("/", " to ")),
        ("Units", plain["units"]),
        ("Calendar", plain["calendar"]),
        ("Weighting", made["weighting"]),
        ("Time step", _time_step(plain)),
        ("Files read", f"{len(granules)}: {granules[0]['file']} to {granules[-1]['file']}"),
        ("Steps read", str(made["steps_read"])),
        ("Computed (UTC)", f"{made['started']} to {made['finished']}"),
        ("With", versions),
        ("Task", plain["id"]),
        ("Cite", dataset["citation"]),
    ]
    return pd.DataFrame(rows, columns=["what", "value"])


def _time_step(plain: dict[str, object]) -> str:
    step = plain.get("time_step")
    if not isinstance(step, dict):
        return "as the data have it"
    return f"{step['name']}: {step['rule']}; at least {step['least_valid_percent']:g} % valid"


def _frame(result: Result) -> pd.DataFrame:
    frame = result.to_dataframe()
    return frame.assign(time=[str(time) for time in _dates(frame["time"])])


def _dates(times: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(times) and (times == times.dt.normalize()).all():
        return pd.Series(times.dt.strftime("%Y-%m-%d"))
    return times
