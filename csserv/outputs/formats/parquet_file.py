"""Writes a series as Parquet: a table that R, DuckDB, Spark and pandas read a column at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from csserv.errors import InvalidRequestError
from csserv.outputs.result import ZONES_AT_ONCE, Result
from csserv.outputs.series_result import SeriesResult

if TYPE_CHECKING:
    import pandas as pd

PARQUET = "application/vnd.apache.parquet"

#: in the file's own metadata: the JSON of the result without its series
METADATA = b"csserv"


def write_parquet(result: Result, path: Path) -> None:
    """Write the rows of ``Result.to_dataframe``, some zones in each row group, with the receipt.

    Times of calendars that Parquet does not know are texts.

    Raises
    ------
    InvalidRequestError : pyarrow is not installed
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise InvalidRequestError(
            "to write Parquet, install pyarrow: pip install 'csserv[parquet]'; or ask for CSV or "
            "NetCDF"
        ) from None
    parts = result.by_zones(ZONES_AT_ONCE)
    first = _frame(next(parts))
    schema = _schema(pa, first, result.about)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        writer.write_table(pa.Table.from_pandas(first, schema))
        for part in parts:
            writer.write_table(pa.Table.from_pandas(_frame(part), schema))


def _schema(pa: Any, frame: pd.DataFrame, about: dict[str, Any]) -> Any:
    """Return the types of the columns, and what the file says of itself."""
    schema = pa.Schema.from_pandas(frame, preserve_index=False)
    told = {name: one for name, one in about.items() if name != "series"}  # all may have been read
    return schema.with_metadata({**schema.metadata, METADATA: orjson.dumps(told)})


def _frame(part: SeriesResult) -> pd.DataFrame:
    frame = part.to_dataframe()
    if frame["time"].dtype == object:
        frame = frame.assign(time=[str(time) for time in frame["time"]])
    return frame
