"""The answer to how a season stands and may end: numbers, tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from csserv.climatology.season import SHARES, SeasonOutlook
from csserv.errors import InvalidRequestError
from csserv.language import listed as said_list
from csserv.language import local_number, tr
from csserv.outputs.series import plain_list
from csserv.outputs.words.span_words import span_in_words
from csserv.request.coordinate_labels import listed

if TYPE_CHECKING:  # slow to import
    import pandas as pd
    import xarray as xr

#: names of the quantiles
QUANTILES = tuple(f"p{round(100 * share)}" for share in SHARES)


@dataclass(frozen=True, eq=False)
class SeasonAnswer:
    """Where a season stands in each zone, and how it may end.

    Attributes
    ----------
    found : the numbers
    zones : names, in the order of the series
    times : (steps,) beginnings of the steps of the season, ISO 8601
    end : of the last step, which does not belong to it
    units : of all totals
    reference : first and last year
    forecast : name of the dataset that goes on from the last step with data; empty for none
    notes : what is to be known, as results have it
    tasks : that computed the series
    is_synthetic : whether any of the data are made up, as sample data are
    """

    found: SeasonOutlook
    zones: tuple[str, ...]
    times: tuple[str, ...]
    end: str
    units: str
    reference: str
    calendar: str = "standard"
    forecast: str = ""
    notes: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    is_synthetic: bool = False

    @property
    def known_to(self) -> str:
        """When the data end: the last known step ends there."""
        every = (*self.times, self.end)
        return every[self.found.known]

    def __str__(self) -> str:
        return "\n".join(map(self.sentence_of, range(len(self.zones))))

    # what a notebook shows of it
    __repr__ = __str__

    def sentence(self, zone: str) -> str:
        """Say how the season of a zone stands, and how it may end; of several so called, the first.

        Raises
        ------
        InvalidRequestError : there is no such zone; says which there are
        """
        if zone not in self.zones:
            raise InvalidRequestError(f"no zone {zone!r}; the answer has {listed(self.zones)}")
        return self.sentence_of(self.zones.index(zone))

    def sentence_of(self, place: int) -> str:
        """Say what ``sentence`` does of a zone by its place."""
        zone, found = self.zones[place], self.found
        begin = self.times[0]
        so_far = found.so_far[found.known - 1, place]
        if not np.isfinite(so_far):
            return tr("{zone}: too few days of the season have data", zone=zone)
        span = span_in_words(begin, self.known_to, self.calendar)
        of_normal = self._of_normal(so_far, found.so_far_normal[place])
        answer = said_list([self._amount(so_far), of_normal])
        parts = [tr("{where}: {answer}", where=said_list([zone, span]), answer=answer)]
        if found.known < len(self.times):
            parts.append(self._ahead(place))
        if self.is_synthetic:
            parts.append(tr("synthetic data"))
        return tr("; ").join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, for JSON; None where there is none."""
        return {
            "season": [self.times[0], self.end],
            "known_to": self.known_to,
            "units": self.units,
            "reference": self.reference,
            "forecast": self.forecast or None,
            "notes": list(self.notes),
            "tasks": list(self.tasks),
            "times": list(self.times),
            "zones": [self._zone(place) for place in range(len(self.zones))],
        }

    def to_xarray(self) -> xr.Dataset:
        """Return totals since the season began: ``so_far``, ``normal``, ``fan`` and ``ends``."""
        import xarray as xr

        said = {"units": self.units}
        dims = ("quantile", "step", "zone")
        return xr.Dataset(
            {
                "so_far": (("step", "zone"), self.found.so_far, said),
                "normal": (dims, self.found.normal, said),
                "fan": (dims, self.found.fan, said),
                "ends": (("path", "zone"), self.found.ends, said),
                "below": (("zone",), self.found.below, {"units": "%"}),
                "above": (("zone",), self.found.above, {"units": "%"}),
            },
            coords={
                "zone": list(self.zones),
                "time": ("step", list(self.times)),
                "quantile": list(SHARES),
            },
            attrs={"reference": self.reference, "forecast": self.forecast},
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each zone: how it stands, and how it may end."""
        import pandas as pd

        rows = [
            {name: value for name, value in self._zone(place).items() if not _is_list(value)}
            for place in range(len(self.zones))
        ]
        frame = pd.DataFrame(rows)
        frame.attrs["units"] = self.units
        return frame

    def _zone(self, place: int) -> dict[str, Any]:
        found, last = self.found, self.found.known - 1
        ends = {
            f"end_{name}": _number(value)
            for name, value in zip(QUANTILES, self._ends(place), strict=True)
        }
        lists = {
            f"{kind}_{name}": plain_list(array[number, :, place])
            for kind, array in (("normal", found.normal), ("fan", found.fan))
            for number, name in enumerate(QUANTILES)
        }
        return {
            "zone": self.zones[place],
            "so_far": _number(found.so_far[last, place]),
            "so_far_normal": _number(found.so_far_normal[place]),
            "end_normal": _number(found.normal_end[place]),
            "lower_tercile": _number(found.normal[1, -1, place]),
            "upper_tercile": _number(found.normal[3, -1, place]),
            **ends,
            "below_lower_tercile_percent": _number(found.below[place]),
            "above_upper_tercile_percent": _number(found.above[place]),
            "years_used": int(found.years[place]),
            "total": plain_list(found.so_far[:, place]),
            **lists,
        }

    def _ends(self, place: int) -> Sequence[float]:
        ends = self.found.ends[:, place]
        ends = ends[np.isfinite(ends)]
        if not ends.size:
            return [np.nan] * len(SHARES)
        return [float(one) for one in np.quantile(ends, SHARES, method="hazen")]

    def _ahead(self, place: int) -> str:
        low, _, middle, _, high = self._ends(place)
        if not np.isfinite(middle):
            return tr("how it may end cannot be told")
        years = self.reference.replace("/", "-")
        rest = self.forecast or tr("a rest as in {years}", years=years)
        by = span_in_words(self.times[0], self.end, self.calendar)
        text = tr(
            "{season} may bring {amount} ({low} to {high} in 8 of 10 cases, {how})",
            season=by,
            amount=self._amount(middle),
            low=self._plain(low),
            high=self._amount(high),
            how=tr("with {rest}", rest=rest),
        )
        driest = tr(
            "{percent} % of cases end in the driest third of years",
            percent=f"{self.found.below[place]:.0f}",
        )
        of_normal = self._of_normal(middle, self.found.normal_end[place])
        return tr("; ").join([said_list([text, of_normal]), driest])

    def _of_normal(self, value: float, normal: float) -> str:
        if not (np.isfinite(normal) and normal > 0):
            return ""
        share = f"{100 * value / normal:.0f}"
        return tr("{percent} % of normal ({normal})", percent=share, normal=self._amount(normal))

    def _plain(self, value: float) -> str:
        return local_number(f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}")

    def _amount(self, value: float) -> str:
        return f"{self._plain(value)} {tr(self.units)}"


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
