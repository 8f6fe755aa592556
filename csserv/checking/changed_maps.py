"""Finds the maps of an export that are others today, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.checking.stored_maps import StoredMaps
from csserv.errors import GranuleError
from csserv.outputs.map_cells import Field, Layers
from csserv.outputs.series import iso
from csserv.tasks.plan.blocks import Block
from csserv.zonal.conversion import Conversion
from csserv.zonal.weights import Weights

#: degrees by which centres of cells may differ and still be the same
SAME_PLACE = 1e-6


@dataclass(frozen=True)
class MapChange:
    """A map of an export that is another one today.

    Attributes
    ----------
    time : the step, as the result writes it
    file : in the ZIP, the one that holds the map
    cells, different : how many cells have data, then or now, and how many of these are others
    lon, lat : centre of the cell that differs most [degrees]
    old, new : its number in the export, and today's; None for no data
    files : that the step comes from now, by their paths below the data folder
    why : what has become of its data, as far as it is known
    """

    time: str
    file: str
    cells: int
    different: int
    lon: float
    lat: float
    old: float | None
    new: float | None
    units: str
    files: tuple[str, ...] = ()
    why: str = ""

    @property
    def difference(self) -> float | None:
        """The new number less the old one; None where one of them is none."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def place(self) -> str:
        """The cell that differs most, in words."""
        return f"{self.lon:.6g} {self.lat:.6g}"


class MapComparison:
    """Compares the maps in the ZIP of a result with those that are computed, step by step.

    Parameters
    ----------
    exact : whether steps are those of the data, so that cells are the same to the last bit; those
        of longer steps may differ by one, as files are added up in pieces

    Raises
    ------
    GranuleError : the ZIP is gone, or not what the result made; says so
    """

    def __init__(self, stored: StoredMaps, conversion: Conversion, exact: bool) -> None:
        self._stored, self._conversion, self._exact = stored, conversion, exact
        self.changes: list[MapChange] = []

    def take(self, block: Block, weights: Weights, layers: Layers) -> None:
        """Compare the maps of a block.

        Raises
        ------
        GranuleError : they lie on another grid than those in the ZIP
        """
        lat, lon = weights.grid.lat(weights.window), weights.grid.lon(weights.window)
        for time, layer in zip(map(iso, block.times), layers, strict=True):
            now = self._converted(layer)
            if time not in self._stored.names:
                self._compare(time, np.full_like(now, np.nan), now, (lat, lon))
                continue
            then, place = self._stored.read(time)
            if not _is_same(place, (lat, lon)):
                raise GranuleError(
                    "its maps lie on other cells than today's, so they cannot be compared"
                )
            self._compare(time, then, now, place)

    def tell_gone(self, there: Sequence[str]) -> None:
        """Tell of the maps whose step the files hold no more."""
        for time in self._stored.names:
            if time not in there:
                then, place = self._stored.read(time)
                self._compare(time, then, np.full_like(then, np.nan), place)

    def _converted(self, layer: Field) -> Field:
        scale, offset = self._conversion.cell_scale, self._conversion.cell_offset
        if (scale, offset) == (1.0, 0.0):
            return layer
        return np.asarray(layer * np.float64(scale) + offset, np.float32)

    def _compare(self, time: str, then: Field, now: Field, place: tuple[Floats, Floats]) -> None:
        gone, lacking = np.isnan(then), np.isnan(now)
        away = np.abs(now.astype(np.float64) - then)
        differs = (then != now) & ~(gone & lacking)
        if not self._exact:
            one_bit = np.spacing(np.fmax(np.abs(then), np.abs(now)))
            differs &= ~(away <= one_bit)
        if not differs.any():
            return
        most = np.where(differs, np.nan_to_num(away, nan=0.0), -1.0)
        row, column = np.unravel_index(int(most.argmax()), most.shape)
        lat, lon = place
        curved = lat.ndim == 2
        self.changes.append(
            MapChange(
                time=time,
                file=self._stored.names.get(time, ""),
                cells=int((~(gone & lacking)).sum()),
                different=int(differs.sum()),
                lon=float(lon[row, column] if curved else lon[column]),
                lat=float(lat[row, column] if curved else lat[row]),
                old=_number(then[row, column]),
                new=_number(now[row, column]),
                units=self._conversion.cell_units,
            )
        )


def _is_same(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> bool:
    """Whether cells are the same; on a curved grid, some may lie nowhere."""
    return all(
        a.shape == b.shape and np.allclose(a, b, rtol=0.0, atol=SAME_PLACE, equal_nan=True)
        for a, b in zip(one, other, strict=True)
    )


def _number(value: NDArray[np.float32] | np.float32) -> float | None:
    return None if math.isnan(value) else float(value)
