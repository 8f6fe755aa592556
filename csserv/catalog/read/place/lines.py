"""The edges of a row of cells: from their centres, and from bounds where the file gives them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.place.spacing import Floats, check_gaps, mean_step, midway, noise, rounding
from csserv.errors import GranuleError

#: cells are alike as far as a map shows that are where even ones would be, to this share of a cell
UNEVEN = 0.01

#: bounds are those of the centres, but for their rounding, up to this share of a cell
ROUNDED = 0.05


@dataclass(frozen=True)
class Axis:
    """What the coordinates of an axis are.

    Attributes
    ----------
    name : in the file
    turn : length of a whole turn, where steps are likely to be a round part of it; else 0
    limits : lowest and highest value that there is; edges beyond are cut
    size : of a cell, where the file says it; 0 where it does not
    """

    name: str
    turn: float = 0.0
    limits: tuple[float, float] = (-np.inf, np.inf)
    size: float = 0.0


@dataclass(frozen=True)
class Moved:
    """Where edges that were meant to be round were put: the first edge and the step of an axis."""

    axis: str
    edge: float  #: as the centres have it
    step: float
    meant_edge: float  #: as it is taken
    meant_step: float


@dataclass(frozen=True)
class Lines:
    """Edges of cells from the low end: evenly spaced, or each one where they are not."""

    low: float
    high: float
    step: float  #: the mean one where they are not even
    cells: int
    edges: tuple[float, ...] = ()
    moved: Moved | None = field(default=None, compare=False, repr=False)

    @property
    def values(self) -> Floats:
        """(cells + 1,) rising edges."""
        even = self.low + self.step * np.arange(self.cells + 1)
        return np.asarray(self.edges or even, np.float64)


def find_lines(axis: Axis, centres: Floats, bounds: Floats | None = None) -> Lines:
    """Find the edges of a row of cells.

    Parameters
    ----------
    centres : (n,) rising or falling all along
    bounds : (n, 2) edges of each cell, as CF files may give them; they count where they are given.
        Those that hold no number, or no width, count as not given

    Raises
    ------
    GranuleError : centres that neither rise nor fall, or leave a gap; a single one of unknown
        size; bounds that leave gaps, overlap, or do not hold their centres
    """
    rising, bounds = _rising(axis, centres, bounds)
    given = None if bounds is None else _joined(axis, rising, bounds)
    if len(rising) == 1 and given is None:
        given = _of_one(axis, float(rising[0]))
    even = _even(axis, rising)
    if given is None:
        if even is None:
            check_gaps(axis.name, rising)
        return even or _lines(midway(rising))
    if even and _agree(axis, even, given):
        return even
    return lines_between(axis, given)


def lines_between(axis: Axis, edges: Floats) -> Lines:
    """Take edges for what they are: even ones, but for their rounding, or each one."""
    if len(edges) > 2 and (found := _even(axis, edges)):
        half = found.step / 2
        even = replace(found, low=found.low + half, high=found.high - half, cells=len(edges) - 1)
        return replace(even, moved=_moved(axis, float(edges[0]), mean_step(edges), even))
    return _lines(edges)


def _rising(axis: Axis, centres: Floats, bounds: Floats | None) -> tuple[Floats, Floats | None]:
    """Turn an axis so that it rises."""
    if centres[0] > centres[-1]:
        centres, bounds = centres[::-1], None if bounds is None else bounds[::-1]
    if (np.diff(centres) <= 0).any():
        place = int(np.flatnonzero(np.diff(centres) <= 0)[0])
        raise GranuleError(
            f"its {axis.name} neither rises nor falls all along: {centres[place + 1]:g} follows "
            f"{centres[place]:g}; sort the file by it"
        )
    return centres, bounds


def _joined(axis: Axis, rising: Floats, bounds: Floats) -> Floats | None:
    """Make one row of edges of the bounds of each cell; None where they say nothing."""
    low, high = (np.clip(find(bounds, axis=1), *axis.limits) for find in (np.min, np.max))
    width = high - low
    sound = np.isfinite(width) & (width > 0)
    if not sound.all():
        _check_rest(axis, rising, np.stack([low, high], axis=1), sound)
        return None
    slack = UNEVEN * width
    if (rising < low - slack).any() or (rising > high + slack).any():
        place = int(np.argmax((rising < low - slack) | (rising > high + slack)))
        raise GranuleError(
            f"the bounds of its {axis.name} do not hold their cells: {rising[place]:g} is said to "
            f"lie between {low[place]:g} and {high[place]:g}; correct them, or take away the "
            "attribute bounds"
        )
    apart = np.abs(low[1:] - high[:-1]) > np.minimum(slack[1:], slack[:-1]) + noise(rising)
    if apart.any():
        place = int(np.argmax(apart))
        raise GranuleError(
            f"the bounds of its {axis.name} leave gaps or overlap: a cell ends at "
            f"{high[place]:g}, the next one begins at {low[place + 1]:g}; correct them, or take "
            "away the attribute bounds"
        )
    return np.append(low, high[-1])


def _check_rest(axis: Axis, rising: Floats, bounds: Floats, sound: NDArray[np.bool_]) -> None:
    """See that bounds, of which some hold no number or no width, say nothing that others do not."""
    if not sound.any():
        return
    edges = np.clip(midway(rising), *axis.limits)
    off = np.abs(bounds - np.stack([edges[:-1], edges[1:]], axis=1)).max(axis=1)
    if (off[sound] > ROUNDED * mean_step(rising)).any():
        raise GranuleError(
            f"the bounds of its {axis.name} lack {(~sound).sum()} of {len(sound)} cells, such as "
            f"the one at {rising[~sound][0]:g}; complete them, or take away the attribute bounds"
        )


def _of_one(axis: Axis, centre: float) -> Floats:
    if not axis.size:
        raise GranuleError(
            f"its {axis.name} has a single value and no bounds, so that nothing says how large "
            "its cells are: keep two rows and columns or more when a file is cut, or add bounds"
        )
    edges = np.array([centre - axis.size / 2, centre + axis.size / 2])
    return np.asarray(np.clip(edges, *axis.limits), np.float64)


def _even(axis: Axis, rising: Floats) -> Lines | None:
    """Put even edges around centres that are evenly spaced, but for their rounding."""
    if len(rising) < 2:
        return None
    low, high = float(rising[0]), float(rising[-1])
    step = mean_step(rising)
    off = np.abs(np.linspace(low, high, len(rising)) - rising).max()
    if off > min(UNEVEN * step, rounding(rising)):
        return None
    low, high, meant = _meant(rising, step, axis.turn) if axis.turn else (low, high, step)
    lines = Lines(low - meant / 2, high + meant / 2, meant, len(rising))
    return replace(lines, moved=_moved(axis, float(rising[0]) - step / 2, step, lines))


def _lines(edges: Floats) -> Lines:
    ends = float(edges[0]), float(edges[-1])
    return Lines(*ends, mean_step(edges), len(edges) - 1, tuple(map(float, edges)))


def _moved(axis: Axis, edge: float, step: float, lines: Lines) -> Moved | None:
    if lines.low == edge and lines.step == step:
        return None
    return Moved(axis.name, edge, step, lines.low, lines.step)


def _agree(axis: Axis, even: Lines, given: Floats) -> bool:
    """Whether bounds are the edges that even centres have, but for their rounding."""
    off = np.abs(np.clip(even.values, *axis.limits) - given).max()
    return bool(off <= min(ROUNDED * even.step, max(rounding(given), noise(even.values))))


def _meant(rising: Floats, step: float, turn: float) -> tuple[float, float, float]:
    """Undo float32 rounding: 0.049999 meant 360/7200, where that fits every centre.

    Without it, an area drawn on the cell edges would touch a sliver of the next cells.
    """
    whole = turn / max(1, round(turn / step))
    low = round(rising[0] / (whole / 2)) * whole / 2
    meant = low + whole * np.arange(len(rising))
    if np.abs(meant - rising).max() <= 2 * np.spacing(np.float32(np.abs(rising).max())):
        return low, float(meant[-1]), whole
    return float(rising[0]), float(rising[-1]), step
