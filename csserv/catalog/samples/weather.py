"""The weather of the sample archive: smooth random fields, day by day, with seasons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEED = 20190101

#: the East African coast, roughly (a line through a few towns, no survey; islands are sea):
#: latitude → longitude east of which is sea [degrees]
COAST_LAT = (-12.0, -8.0, -6.5, -4.7, -4.05, -3.2, -2.3, -1.7, -0.4, 2.0, 5.0, 11.0)
COAST_LON = (40.5, 39.5, 38.9, 39.3, 39.75, 40.2, 41.0, 41.6, 42.6, 45.4, 48.2, 51.3)


class Weather:
    """Smooth random fields, correlated from day to day, with a seasonal cycle."""

    def __init__(self, stream: int, lat: Floats, lon: Floats) -> None:
        self._stream, self._steps = stream, 0
        self._lat, self._lon = np.meshgrid(lat, lon, indexing="ij")
        self._climate = self._wetness()
        self._state = self._noise()

    def step(self) -> None:
        """Advance by a day; fields keep 0.6 of the day before."""
        self._steps += 1
        self._state = 0.6 * self._state + 0.8 * self._noise()

    def rain(self, day: int) -> Floats:
        """Rain of a day [mm/day], zero in most cells; rounded to 1/64 to compress well."""
        wet = np.maximum(self._state + self._season(day) + self._climate, 0.0)
        return np.asarray(np.round(wet**1.4 * 9.0 * 64) / 64)

    def temperature(self, day: int) -> Floats:
        """Temperature of a day [K], highest in March, lower where it is wet."""
        year = np.cos(2 * np.pi * (day - 75) / 365.25)
        warmth = 298.0 + 2.0 * year - 1.5 * self._state - 0.2 * self._lat
        return np.asarray(np.round(warmth * 64) / 64)

    def _wetness(self) -> Floats:
        """Return a map: drier to the north-east, wetter in the highlands beside the Rift."""
        dry = 0.06 * (self._lon - 37.0) + 0.03 * self._lat
        hills = (self._lat / 2.0) ** 2 + ((self._lon - 35.8) / 1.6) ** 2
        return np.asarray(0.4 * np.exp(-hills) - dry - 0.75)

    def _season(self, day: int) -> Floats:
        """Long rains around 20 April and short rains around 10 November, later with latitude."""
        long_rains, short_rains = 110 + 3 * self._lat, 315 - 3 * self._lat

        def near(peak: Floats, width: float) -> Floats:
            away = (day - peak + 182.6) % 365.25 - 182.6
            return np.asarray(np.exp(-((away / width) ** 2)))

        return np.asarray(1.1 * near(long_rains, 40.0) + 0.8 * near(short_rains, 32.0) - 0.35)

    def _noise(self) -> Floats:
        """Return noise of two scales and unit variance; each day has its own random generator."""
        random = np.random.Generator(np.random.PCG64([SEED, self._stream, self._steps]))
        return 0.84 * self._smooth(random, 1.8) + 0.54 * self._smooth(random, 0.5)

    def _smooth(self, random: np.random.Generator, scale: float) -> Floats:
        rows = spread((self._lat[:, 0] - self._lat[0, 0]) / scale)
        columns = spread((self._lon[0] - self._lon[0, 0]) / scale)
        nodes = random.standard_normal((rows.shape[1], columns.shape[1]))
        return np.asarray(rows @ nodes @ columns.T)


def is_sea(lat: Floats, lon: Floats) -> NDArray[np.bool_]:
    """(lat, lon) whether a cell lies east of the coast."""
    sea: NDArray[np.bool_] = lon[None, :] > np.interp(lat, COAST_LAT, COAST_LON)[:, None]
    return sea


def spread(places: Floats) -> Floats:
    """(places, nodes) bell-shaped weights; the squares of each place sum to 1 (equal variance)."""
    nodes = np.arange(-3, int(places[-1]) + 5)
    weights = np.exp(-(((places[:, None] - nodes) / 0.9) ** 2))
    return np.asarray(weights / np.sqrt((weights**2).sum(axis=1, keepdims=True)))
