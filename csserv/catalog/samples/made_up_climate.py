"""A made-up climate of East Africa, dekad by dekad: rainy seasons, dry lands, dry and wet years.

Rain is what a smooth random field has above zero, once the place and the season have raised or
lowered it; so dry places and seasons have many dekads without any.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.samples.weather import SEED, Floats, spread

#: of a month, and of a year
A_MONTH, A_YEAR = 3, 36

#: dekads of a year, from 0, in the middle of the long and of the short rains
LONG, SHORT = 10.5, 31.0

#: season of a year → how much it is pushed towards wet [standard deviations of a dekad]; years
#: that are remembered as dry or wet are so here, with made-up numbers
LIKE_KNOWN_YEARS = {
    **{(1984, LONG): -1.1, (2000, LONG): -1.2, (2009, LONG): -0.9, (2011, LONG): -1.2},
    **{(2017, LONG): -1.2, (2019, LONG): -0.7, (2022, LONG): -1.3},
    **{(1998, SHORT): -0.8, (2005, SHORT): -0.9, (2010, SHORT): -1.2, (2016, SHORT): -1.2},
    **{(2020, SHORT): -0.6, (2021, SHORT): -1.0, (2022, SHORT): -0.7},
    **{(1988, LONG): 0.7, (2018, LONG): 1.4, (2020, LONG): 1.0, (2024, LONG): 0.8},
    **{(1982, SHORT): 0.8, (1997, SHORT): 1.7, (2006, SHORT): 1.5, (2015, SHORT): 0.7},
    **{(2019, SHORT): 1.5, (2023, SHORT): 1.4},
}

#: highlands: latitude, longitude, reach [degrees], height above their surroundings [km]
HIGHLANDS = (
    *((0.1, 35.2, 1.7, 0.8), (-0.4, 37.0, 0.9, 1.0), (-1.2, 36.6, 0.7, 0.4)),
    *((-3.2, 37.4, 0.6, 0.9), (6.4, 38.4, 1.9, 1.2), (-6.0, 35.5, 1.5, 0.4)),
)

#: the lake in the west makes rain: latitude, longitude, reach [degrees]
LAKE = (-0.5, 32.8, 1.8)


class MadeUpClimate:
    """The same climate each time it is made.

    Parameters
    ----------
    lat, lon : cell centres [degrees]
    coast : (lat,) longitude of the coast [degrees]
    years : whole ones, in a row
    """

    def __init__(self, lat: Floats, lon: Floats, coast: Floats, years: range) -> None:
        self._places = lat, lon
        self._lat, self._lon = np.meshgrid(lat, lon, indexing="ij")
        self._inland = np.maximum(coast[:, None] - self._lon, 0.0)
        self._years, self._count = years, A_YEAR * len(years)

    def rain(self) -> Floats:
        """(time, lat, lon) rain of each dekad [mm], rounded to half a millimetre."""
        usual = self._wetness() + _each_dekad(self._rainy_seasons)
        field = np.tile(usual, (len(self._years), 1, 1))
        field += 0.42 * self._wet_years
        field += 0.23 * self._noise(33, 1.8, 0.25) + 0.25 * self._noise(34, 0.6, 0.0)
        return np.asarray(np.round(2 * 40 * np.maximum(field, 0.0) ** 1.5) / 2)

    def temperature(self) -> Floats:
        """(time, lat, lon) mean temperature of each dekad [degC], rounded to an eighth.

        Lower where it is high and in wet years; it rises by a quarter of a degree in ten years.
        """
        usual = 28.5 - 6.0 * self._height() + _each_dekad(self._warm_season)
        field = np.tile(usual, (len(self._years), 1, 1))
        field += np.linspace(-0.5, 0.5, self._count)[:, None, None] * 0.025 * len(self._years)
        field += 0.45 * self._noise(35, 4.0, 0.7) - 0.4 * self._wet_years
        return np.asarray(np.round(8 * field) / 8)

    @cached_property
    def _wet_years(self) -> Floats:
        """(time, lat, lon) what lasts: for a year, for a month or two, and for known seasons."""
        pushed = np.zeros(self._count)
        for (year, season), push in LIKE_KNOWN_YEARS.items():
            away = np.arange(self._count) - (year - self._years.start) * A_YEAR - season
            pushed += push * _bell(away, 4.5)
        east = 0.5 + 0.5 * _step(self._lon - 36.0, 0.8)  # what is remembered is most of there
        slow, quick = self._noise(31, 6.0, 0.97), self._noise(32, 3.0, 0.75)
        return np.asarray(0.3 * slow + 0.45 * quick + 0.8 * pushed[:, None, None] * east)

    def _wetness(self) -> Floats:
        """(lat, lon): the north-east is dry; highlands, lake and southern coast are wet."""
        hills = sum(0.55 * height * self._near(*place) for *place, height in HIGHLANDS)
        coast = _bell(self._inland, 0.9) * _step(-0.5 - self._lat, 0.5)
        dry = _step(self._lat - 0.3, 0.7) * (0.65 + 0.06 * (self._lon - 38.0))
        return np.asarray(0.38 + hills + 0.35 * coast + 0.3 * self._near(*LAKE) - 0.5 * dry)

    def _rainy_seasons(self, day: float) -> Floats:
        """(lat, lon) long rains in April, short ones in November; a summer rain in the west.

        Both come nearer to the end of the year, the farther south.
        """
        long_rains = 1.35 * _bell(_away(day, 112 + 5 * self._lat), 42.0)
        short_rains = 1.15 * _bell(_away(day, 318 - 5 * self._lat), 33.0)
        west = _step(35.6 - self._lon, 0.4) * _step(self._lat + 1.0, 0.5)
        summer = 1.1 * west * _bell(_away(day, 215.0), 55.0)
        return np.asarray(long_rains + short_rains + summer - 0.6)

    def _warm_season(self, day: float) -> Floats:
        """(lat, lon) what the season adds [degC]: most in February and March, more in the south."""
        return np.asarray((1.6 - 0.12 * self._lat) * np.cos(2 * np.pi * (day - 55) / 365.25))

    def _height(self) -> Floats:
        """(lat, lon) [km]: low by the coast and in the north, a plateau in the south-west."""
        plateau = _step(self._inland - 4.0, 0.8) * (0.3 + 0.8 * _step(1.5 - self._lat, 0.8))
        return np.asarray(plateau + sum(h * self._near(*place) for *place, h in HIGHLANDS))

    def _near(self, lat: float, lon: float, reach: float) -> Floats:
        return _bell(np.hypot(self._lat - lat, self._lon - lon), reach)

    def _noise(self, stream: int, scale: float, kept: float) -> Floats:
        """(time, lat, lon) noise of unit variance.

        Parameters
        ----------
        stream : another one for each noise
        scale : how far it is alike [degrees]
        kept : share that a dekad keeps of the dekad before
        """
        lat, lon = self._places
        rows, columns = spread((lat - lat[0]) / scale), spread((lon - lon[0]) / scale)
        random = np.random.Generator(np.random.PCG64([SEED, 45, stream]))
        nodes = random.standard_normal((self._count, rows.shape[1], columns.shape[1]))
        for before, now in pairwise(nodes):
            now *= np.sqrt(1 - kept**2)
            now += kept * before
        return np.asarray(rows @ nodes @ columns.T)


def _each_dekad(of_day: Callable[[float], Floats]) -> Floats:
    """(dekad of the year, lat, lon) of the day of the year in the middle of each."""
    return np.stack([of_day(365.25 * (dekad + 0.5) / A_YEAR) for dekad in range(A_YEAR)])


def _away(day: float, peak: Floats | float) -> Floats:
    """Return how far a day is from another one, around the year [days]."""
    return np.asarray((day - peak + 182.6) % 365.25 - 182.6)


def _bell(away: NDArray[np.floating], width: float) -> Floats:
    return np.asarray(np.exp(-((away / width) ** 2)))


def _step(beyond: Floats, width: float) -> Floats:
    """Rise from 0 to 1, steeply where it is 0."""
    return np.asarray(1 / (1 + np.exp(-beyond / width)))
