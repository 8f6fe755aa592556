"""Where each step of a file came from, written into the file itself: a lost ledger is no loss."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import netCDF4

from csserv.catalog.read.source import READING, UNREADABLE
from csserv.ingest.stored.ledger import Arrival, read_arrival, written

#: variable with the whole line of the ledger, besides those for people
WHOLE = "arrival"


def write_arrival(file: netCDF4.Dataset, arrival: Arrival) -> None:
    """Write where the only step of a file came from."""
    for name, text, words in (
        ("stream", arrival.stream, "stream of the provider that the step is of"),
        ("source_address", arrival.address, "address that the step came from"),
        ("retrieved", _text(arrival.retrieved), "when the step came, UTC"),
        (WHOLE, written(arrival).decode(), "line of the ledger of csserv"),
    ):
        variable = file.createVariable(name, str, ("time",))
        variable.long_name = words
        variable[0] = text


def read_arrivals(path: Path) -> dict[datetime, Arrival]:
    """Read where the steps of a file came from; of files of other hands nothing."""
    try:
        with READING, netCDF4.Dataset(path) as file:
            if WHOLE not in file.variables:
                return {}
            lines = [str(one) for one in file[WHOLE][:]]
    except UNREADABLE:
        return {}
    return {one.start: one for one in map(read_arrival, lines) if one is not None}


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
