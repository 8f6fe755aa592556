"""The part of a result that is known while its task runs: the series of finished blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson

from csserv.catalog.read.grid import Floats
from csserv.outputs.durable import replace_file
from csserv.outputs.series import by_zone
from csserv.tasks.work.parts import BlockResult, load_zone_sums
from csserv.zonal.conversion import Conversion
from csserv.zonal.operations import finish_values, join_parts, operation

#: name of the file in an attempt's work folder
HEADER_FILE = "outline.json"


@dataclass(frozen=True)
class SeriesHeader:
    """What the runner knows of a result before anything is read.

    Attributes
    ----------
    request, units, calendar : as in the result
    zones : id and name of each
    scale, offset : convert computed values to the units
    """

    request: dict[str, Any]
    zones: list[dict[str, str]]
    units: str
    calendar: str
    scale: float
    offset: float

    @classmethod
    def of(cls, document: Mapping[str, Any], calendar: str, conversion: Conversion) -> Self:
        """Build it from the document of a task (see ``csserv.tasks.run.attempt``)."""
        return cls(
            request=document["request"],
            zones=document["zones"],
            units=document["units"],
            calendar=calendar,
            scale=conversion.scale,
            offset=conversion.offset,
        )


def write_series_header(work: Path, header: SeriesHeader) -> None:
    """Write it into the work folder, for readers of partial results."""
    replace_file(work / HEADER_FILE, orjson.dumps(asdict(header)))


def read_partial(work: Path) -> dict[str, Any] | None:
    """Read the finished blocks of an attempt, in the form of a result's JSON.

    Parameters
    ----------
    work : folder of the attempt

    Returns
    -------
    ``request``, ``units``, ``calendar`` and ``series`` as in a result, with the steps known so
    far in time order; ``partial`` is true. None if nothing is known (yet, or any more)
    """
    try:
        header = SeriesHeader(**orjson.loads((work / HEADER_FILE).read_bytes()))
        runs = sorted(_runs(work, header), key=lambda run: run[0])
    except FileNotFoundError:  # not planned yet, of a single block, or over
        return None
    times = [time for _, mine, _, _ in runs for time in mine]
    zones = [(zone["id"], zone["name"]) for zone in header.zones]
    none = np.empty((0, len(header.zones)))
    values = np.concatenate([none, *(one for _, _, one, _ in runs)])
    percent = np.concatenate([none, *(one for _, _, _, one in runs)])
    return {
        "request": header.request,
        "units": header.units,
        "calendar": header.calendar,
        "series": by_zone(times, zones, values, percent),
        "partial": True,
    }


def _runs(
    work: Path, header: SeriesHeader
) -> Iterator[tuple[int, tuple[str, ...], Floats, Floats]]:
    """Yield first step, times, values and valid per cent of the steps that are complete."""
    wanted = operation(header.request["operation"])
    parts: dict[int, list[BlockResult]] = {}
    for path in sorted((work / "parts").glob("[0-9]*.npz")):
        with suppress(FileNotFoundError):
            found = BlockResult.load(path)
            parts.setdefault(found.position.first, []).append(found)
    for first, shared in parts.items():
        position = shared[0].position
        if len(shared) == position.parts:
            zones = load_zone_sums(work / position.weights)
            values, percent = finish_values(
                join_parts([one.kept for one in shared], wanted), zones, wanted
            )
            yield first, position.times, values * header.scale + header.offset, percent
