"""The part of a result that is known while its task runs: the series of finished blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson

from csserv.climatology.comparison import Comparison
from csserv.outputs.durable import replace_file
from csserv.outputs.netcdf.step_times import StepTimes
from csserv.outputs.series import as_lists, by_series, series_keys, shares_of
from csserv.tasks.work.parts import BlockPosition, StoredResult, load_zone_sums
from csserv.zonal.conversion import Conversion, convert_each
from csserv.zonal.operations import operations
from csserv.zonal.statistics import Arrays
from csserv.zonal.zone_values import ZoneValues, finish_values, join_parts

#: name of the file in an attempt's work folder
HEADER_FILE = "outline.json"

#: numbers that are told of at most: a chart of more says nothing, and they would take 100 MB
MOST = 1_000_000


@dataclass(frozen=True)
class SeriesHeader:
    """What the runner knows of a result before anything is read.

    Attributes
    ----------
    known : ``request``, ``units``, ``calendar``, …, as in the result
    zones : id and name of each
    selections : dimension → coordinate of each series that a zone has
    shown : which of the computed steps are those of the result, in its order; None for all
    steps_in_all : number of steps of the result; 0 where an earlier version of csserv wrote it
    steps : ``end`` and ``complete`` of all longer steps; None where steps are those of the data
    conversions : of each operation, to its units
    """

    known: dict[str, Any]
    zones: list[dict[str, str]]
    steps: dict[str, list[Any]] | None
    conversions: tuple[Conversion, ...]
    selections: list[dict[str, str]]
    shown: list[int] | None = None
    steps_in_all: int = 0

    @classmethod
    def of(
        cls,
        document: Mapping[str, Any],
        times: StepTimes,
        conversions: Sequence[Conversion],
        comparison: Comparison | None,
    ) -> Self:
        """Build it from the document of a task (see ``csserv.tasks.run.attempt``)."""
        names = ("request", "units", "further", "dimensions", "time_step")
        known = {name: document[name] for name in names if document[name] is not None}
        return cls(
            known=known | {"calendar": times.calendar},
            zones=document["zones"],
            steps=document["steps"],
            conversions=tuple(conversions),
            selections=document["selections"],
            steps_in_all=len(times),
            shown=comparison.shown.tolist() if comparison else None,
        )

    @property
    def told(self) -> int:
        """Number of zones that are told of: of many steps not all, but always the same ones."""
        arrays = len(self.conversions) * len(self.selections)
        most = MOST // (arrays * max(1, self.steps_in_all))
        return min(len(self.zones), max(1, most))

    @classmethod
    def read(cls, work: Path) -> Self:
        """Read that of an attempt from its work folder."""
        plain = orjson.loads((work / HEADER_FILE).read_bytes())
        conversions = tuple(Conversion(**one) for one in plain["conversions"])
        return cls(**plain | {"conversions": conversions})


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
    far in time order; ``runs`` tells which these are, each run by the number of its first step
    and how many there are; ``partial`` is true; ``zones_left_out`` says of how many zones nothing
    is told, where there are too many numbers. None if nothing is known (yet, or any more)
    """
    try:
        header = SeriesHeader.read(work)
        runs = sorted(_runs(work, header), key=lambda run: run[0].first)
    except FileNotFoundError:  # not planned yet, of a single block, or over
        return None
    except KeyError:  # an earlier version of csserv left it, which named other arrays
        return None
    places = _places([one for one, _ in runs], header.shown)
    every = [time for position, _ in runs for time in position.times]
    times = [every[computed] for _, computed in places]
    told = [(zone["id"], zone["name"]) for zone in header.zones[: header.told]]
    keys = series_keys(told, header.selections)
    none = np.empty((0, len(keys)))
    nothing = ZoneValues(np.empty((len(header.conversions), *none.shape)), none, None)
    found = ZoneValues.joined([nothing, *(one for _, one in runs)])
    found = found.pick([computed for _, computed in places])
    shares = shares_of(found.percent, found.steps_percent)
    values = convert_each(header.conversions, found.values)
    names = tuple(operations(header.known["request"]["operation"]))
    steps = {"steps": _known_steps(header.steps, places)} if header.steps else {}
    series = [as_lists(one) for one in by_series(times, keys, values, shares, names)]
    known = _as_runs([place for place, _ in places])
    left_out = len(header.zones) - len(told)
    more = {"zones_left_out": left_out} if left_out else {}
    return header.known | steps | {"runs": known, "series": series, "partial": True} | more


def _places(
    positions: Sequence[BlockPosition], shown: Sequence[int] | None
) -> list[tuple[int, int]]:
    """Return the place of each known step in the result, and in the blocks that are known."""
    known = [one.first + n for one in positions for n in range(len(one.times))]
    if shown is None:
        return [(place, n) for n, place in enumerate(known)]
    computed = {place: n for n, place in enumerate(known)}
    return [(place, computed[one]) for place, one in enumerate(shown) if one in computed]


def _as_runs(places: Sequence[int]) -> list[list[int]]:
    """Return rising numbers as runs: the first of each, and how many there are."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == sum(runs[-1]):
            runs[-1][1] += 1
        else:
            runs.append([place, 1])
    return runs


def _known_steps(
    steps: Mapping[str, list[Any]], places: Sequence[tuple[int, int]]
) -> dict[str, list[Any]]:
    """Take what is said of longer steps for those that are known."""
    return {name: [every[place] for place, _ in places] for name, every in steps.items()}


def _runs(work: Path, header: SeriesHeader) -> Iterator[tuple[BlockPosition, ZoneValues]]:
    """Yield the runs of steps that are complete."""
    wanted = tuple(operations(header.known["request"]["operation"]).values())
    parts: dict[int, list[StoredResult]] = {}
    for path in sorted((work / "parts").glob("[0-9]*.npz")):
        with suppress(FileNotFoundError):
            found = StoredResult.open(path, check=False)
            parts.setdefault(found.position.first, []).append(found)
    span = slice(0, header.told)
    for shared in parts.values():
        position = shared[0].position
        if len(shared) == position.parts * position.selections:
            zones = load_zone_sums(work / position.weights).of_zones(span)
            decoding = position.decoding
            kept = (join_parts(mine, wanted, decoding) for mine in _by_selection(shared, span))
            series = [finish_values(one, zones, wanted) for one in kept]
            yield position, ZoneValues.interleaved(series)


def _by_selection(shared: Sequence[StoredResult], span: slice) -> Iterator[list[Arrays]]:
    for number in range(shared[0].position.selections):
        yield [one.of_zones(span) for one in shared if one.position.selection == number]
