"""Converts a result to other file formats: CSV, Excel workbook, NetCDF, Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csserv.outputs.against import compared_with
from csserv.outputs.formats.parquet_file import PARQUET, write_parquet
from csserv.outputs.formats.spreadsheet_text import XLSX_OPTIONS, shown_texts
from csserv.outputs.further_dimensions import dimensions_of
from csserv.outputs.netcdf.series_netcdf import write_netcdf
from csserv.outputs.result import ZONES_AT_ONCE, Result
from csserv.outputs.several_operations import units_of
from csserv.outputs.words.index_words import index_words

if TYPE_CHECKING:
    import pandas as pd

#: most rows of an Excel sheet, the header not counted
ROWS = 1_048_575

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class SeriesFormat:
    """A file format that a result can be converted to."""

    ending: str  #: of the file name, with the dot
    media: str  #: media type
    write: Callable[[Result, Path], None]


def write_csv(result: Result, path: Path) -> None:
    """Write rows of zone, time, value and valid per cent; longer steps say if they are complete.

    Steps without data have no value. A text that a spreadsheet would take for a formula gets an
    apostrophe before it.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(_frames(result)):
            shown_texts(_with_texts(frame)).to_csv(file, index=False, header=number == 0)


def write_xlsx(result: Result, path: Path) -> None:
    """Write an Excel workbook: a sheet with the series, and one with its provenance.

    Times are dates of Excel; those that it does not know, of another calendar or before March of
    1900, are texts.
    """
    import pandas as pd  # slow to import

    frame, rows = _head(_frames(result))
    form = "yyyy-mm-dd" if _are_days(frame["time"]) else "yyyy-mm-dd hh:mm:ss"
    is_known = pd.api.types.is_datetime64_any_dtype(frame["time"]) and len(frame)
    if not is_known or frame["time"].min() < pd.Timestamp(1900, 3, 1):
        frame = _with_texts(frame)
    told = provenance_table(result)
    if rows > ROWS:
        told.loc[len(told)] = ["Rows", f"the first {ROWS:,} of {rows:,}; the CSV has all"]
    with pd.ExcelWriter(
        path,
        engine="xlsxwriter",
        datetime_format=form,
        engine_kwargs={"options": XLSX_OPTIONS},
    ) as writer:
        frame.to_excel(writer, sheet_name="series", index=False, freeze_panes=(1, 0))
        told.to_excel(writer, sheet_name="where from", index=False)
        writer.sheets["series"].set_column(0, len(frame.columns) - 1, 18)
        writer.sheets["where from"].set_column(0, 1, 32)


#: name → format
SERIES_FORMATS = {
    "csv": SeriesFormat(".csv", "text/csv", write_csv),
    "xlsx": SeriesFormat(".xlsx", XLSX, write_xlsx),
    "netcdf": SeriesFormat(".nc", "application/x-netcdf", write_netcdf),
    "parquet": SeriesFormat(".parquet", PARQUET, write_parquet),
}


def provenance_table(result: Result) -> pd.DataFrame:
    """Return request and provenance of a result as a table of two columns: what, value."""
    import pandas as pd  # slow to import

    plain = result.about
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
        ("Further dimensions", _dimensions(plain)),
        ("Units", _units(plain)),
        ("Calendar", plain["calendar"]),
        ("Weighting", made["weighting"]),
        ("Time step", _time_step(plain)),
        ("Index", index_words(plain.get("index", {}))),
        ("Compared with", compared_with(plain)),
        ("Percentiles and ranks", plain.get("against", {}).get("percentiles", "")),
        ("Files read", f"{len(granules)}: {granules[0]['file']} to {granules[-1]['file']}"),
        ("Steps read", str(made["steps_read"])),
        ("Steps kept from before", _kept(made.get("kept") or {})),
        ("Steps made of time sums", str((made.get("summed") or {}).get("steps", ""))),
        ("Computed (UTC)", f"{made['started']} to {made['finished']}"),
        ("With", versions),
        ("Task", plain["id"]),
        ("Cite", str(result.citation())),
    ]
    return pd.DataFrame([row for row in rows if row[1]], columns=["what", "value"])


def _kept(kept: dict[str, Any]) -> str:
    return f"{kept['steps']}, computed {kept['first']} to {kept['last']}" if kept else ""


def _units(plain: dict[str, Any]) -> str:
    named = units_of(plain)
    if len(named) == 1:
        return str(plain["units"])
    return "; ".join(f"{name}: {units}" for name, units in named.items())


def _dimensions(plain: dict[str, Any]) -> str:
    known = dimensions_of(plain)
    return "; ".join(f"{name}: {', '.join(one['labels'])}" for name, one in known.items())


def _time_step(plain: dict[str, Any]) -> str:
    step = plain.get("time_step")
    if not isinstance(step, dict):
        return "as the data have it"
    together = f", {step['accumulate']} taken together" if "accumulate" in step else ""
    least = f"at least {step['least_valid_percent']:g} % valid"
    return f"{step['name']}{together}: {step['rule']}; {least}"


def _frames(result: Result) -> Iterator[pd.DataFrame]:
    """Yield the rows of a result, some zones at a time."""
    for part in result.by_zones(ZONES_AT_ONCE):
        yield part.to_dataframe()


def _head(frames: Iterable[pd.DataFrame]) -> tuple[pd.DataFrame, int]:
    """Return the first rows, as many as a sheet holds, and the number of all."""
    import pandas as pd  # slow to import

    kept, rows = [], 0
    for frame in frames:
        kept += [frame.head(ROWS - rows)] if rows < ROWS else []
        rows += len(frame)
    return pd.concat(kept, ignore_index=True), rows


def _with_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows with their times as texts, of days without a clock."""
    form = "%Y-%m-%d" if _are_days(frame["time"]) else "%Y-%m-%d %H:%M:%S"
    texts = {one: one.strftime(form) for one in frame["time"].unique()}
    return frame.assign(time=frame["time"].map(texts))


def _are_days(times: pd.Series) -> bool:
    """Whether times, in any calendar, are days: none has a clock."""
    return all((one.hour, one.minute, one.second) == (0, 0, 0) for one in times.unique())
