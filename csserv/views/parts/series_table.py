"""The series of a result as a table for charts, with gaps, and aggregated by month or year."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.language import local_date, mark, tr
from csserv.outputs.series import iso
from csserv.outputs.series_result import SeriesResult
from csserv.outputs.several_operations import choose_operation
from csserv.outputs.words.quantity_words import is_amount, is_score, quantity_in_words
from csserv.outputs.words.span_words import span_in_words
from csserv.request import Period
from csserv.units import over_days, over_steps
from csserv.views.parts.normals_table import Normals
from csserv.views.parts.series_document import Floats, SeriesDocument
from csserv.zonal.over_time.timestep import time_steps

if TYPE_CHECKING:  # slow to import, and charts need none of it
    import pandas as pd

#: least share of a month or year that must have data [1]
LEAST_SHARE = 0.8

#: share of a step that its bar takes: alone, and where a band is to be seen behind it
BAR_SHARES = (0.82, 0.6)

#: end of the label of a step that the period or the data fill in part
IN_PART = " (in part)"

#: time step → what values were aggregated by
STEP_NAMES = {"dekad": "ten days", "monthly": "month", "yearly": "year", "period": "period"}

#: label of a choice → time step
SUMMARIES = {mark("As computed"): "", mark("By month"): "monthly", mark("By year"): "yearly"}

#: how values were taken together, as ``SeriesTable.summary`` has it
SAID_SUMMARIES = (
    *(mark("mean by ten days"), mark("mean by month"), mark("mean by year")),
    *(mark("sum by ten days"), mark("sum by month"), mark("sum by year")),
    *(mark("mean by period"), mark("sum by period")),
)


@dataclass(frozen=True, eq=False)
class SeriesTable:
    """The values of a result by step and zone.

    Attributes
    ----------
    times : (time,) first day of each step, in the calendar of the data
    lengths : (time,) length of each step [days]
    zones : names of the zones, made unique; with the coordinates of further dimensions, such as
        "Kenya, member 3", where a zone has several series
    values : (time, zone) [units]; NaN where a zone has no data
    percent : (time, zone) share of the zone with data; of months and years, share of their days
        [%], 0 to 100
    complete : (time,) whether the step lies wholly in the period
    rule : how values are aggregated to longer steps: "rate", "sum", "mean", "max" or "min"
    summary : how the values were aggregated from those of the result, such as "mean by month"
    selections : the coordinates of the series that each zone has, zone by zone: "member 3"; empty
        where it has one
    normals : what the values are compared with, if they are; values of longer steps are not
    of_index : whether the values are those of an index, which has no means or sums over time
    quantity : what the values are, in words that people use; empty where that is not known
    axis_quantity : the same without where in the area they are from, for which axes have no room
    is_amount : whether they are amounts of rain, or an index, which bars show
    spans : (time,) from when to when each value is, ISO 8601; the end does not belong to it. A
        value that holds earlier steps begins with the first of these. Empty where that is not known
    is_score : whether they are of a standardized index: below 0 is drier than normal, above wetter
    """

    times: tuple[cftime.datetime, ...]
    lengths: Floats
    zones: tuple[str, ...]
    values: Floats
    percent: Floats
    complete: NDArray[np.bool_]
    units: str
    rule: str
    title: str
    period: Period
    summary: str = ""
    selections: tuple[str, ...] = ()
    normals: Normals | None = None
    of_index: bool = False
    quantity: str = ""
    axis_quantity: str = ""
    is_amount: bool = False
    spans: tuple[tuple[str, str], ...] = ()
    is_score: bool = False

    @classmethod
    def of(cls, result: SeriesResult) -> SeriesTable:
        """Read the series of a result, or of the part computed so far."""
        return cls.of_json(result.json)

    @classmethod
    def of_json(cls, document: Mapping[str, Any]) -> SeriesTable:
        """Read the series from the JSON of a result, or of the part computed so far.

        Of several operations, the first one.
        """
        said = SeriesDocument(choose_operation(document))
        return cls(
            times=said.times,
            lengths=said.lengths,
            zones=said.names,
            values=said.columns("value"),
            percent=said.columns("valid_percent"),
            complete=said.complete,
            units=said.json["units"],
            rule=said.rule,
            title=said.title,
            period=Period.parse(said.json["request"]["period"]),
            selections=said.selections,
            normals=Normals.of_json(said.json),
            of_index="index" in said.json,
            quantity=quantity_in_words(said.json, units=False),
            axis_quantity=quantity_in_words(said.json, units=False, area=False),
            is_amount=is_amount(said.json),
            spans=said.spans,
            is_score=is_score(said.json),
        )

    @property
    def adds_up(self) -> bool:
        """Whether values can be summed over time: those of rain can, temperatures cannot."""
        return self.rule in ("rate", "sum") and not self.of_index

    def resampled(self, step: str, how: str) -> SeriesTable:
        """Return the table aggregated to months or years.

        A month or year is NaN if less than 80 per cent of its days have data.

        Parameters
        ----------
        step : a key of ``STEP_NAMES``; empty returns the table unchanged, as any does of an index
        how : "mean": mean of the valid steps, weighted by their length; "sum": the mean times the
            number of days, for values that add up
        """
        if not step or self.of_index:
            return self
        groups = time_steps(step, self.times, self.lengths, self.period)
        weight = np.where(np.isnan(self.values), 0.0, self.lengths[:, None])
        filled = np.nan_to_num(self.values)
        starts = [group.run.start for group in groups]
        valid = np.add.reduceat(weight, starts, axis=0)
        days = np.array([group.days for group in groups])[:, None]
        units, factor = self.units, 1.0
        if how == "sum" and self.rule == "sum":
            # amounts of the valid steps; these stand for those that are missing
            total = np.add.reduceat(filled, starts, axis=0)
            units = over_steps(units)
            values = _share(total, valid) * days
        else:
            values = _share(np.add.reduceat(filled * weight, starts, axis=0), valid)
            if how == "sum":
                units, factor = over_days(units)
                values = values * days * factor
        values[valid < (LEAST_SHARE - 1e-9) * days] = np.nan
        kind = self.times[0].calendar
        return replace(
            self,
            times=tuple(cftime.datetime(*group.start, calendar=kind) for group in groups),
            lengths=days[:, 0],
            values=values,
            percent=np.minimum(100.0 * valid / days, 100.0),
            complete=np.array([group.complete for group in groups]),
            units=units,
            normals=None,
            spans=(),
            summary=f"{how} by {STEP_NAMES[step]}",
        )

    def select_zones(self, names: Sequence[str]) -> SeriesTable:
        """Return the table with some of its series, each as a zone of its own."""
        places = {name: i for i, name in enumerate(self.zones)}
        chosen = [places[name] for name in names]
        return replace(
            self,
            zones=tuple(names),
            values=self.values[:, chosen],
            percent=self.percent[:, chosen],
            selections=(),
            normals=self.normals and self.normals.select(chosen),
        )

    def of_selection(self, number: int) -> SeriesTable:
        """Return the table with one series for each zone: that of one of the selections."""
        return self.select_zones(self.zones[number :: max(len(self.selections), 1)])

    @property
    def last_known(self) -> int:
        """The last step at which a zone has a value; the last of all where none has."""
        known = np.flatnonzero(np.isfinite(self.values).any(axis=1))
        return int(known[-1]) if len(known) else len(self.times) - 1

    @property
    def has_exact_dates(self) -> bool:
        """Whether a time axis labels the steps rightly: they are complete, in a real calendar."""
        real = self.times[0].calendar in ("standard", "gregorian", "proleptic_gregorian")
        return real and not self.summary and bool(self.complete.all())

    @cached_property
    def labels(self) -> list[str]:
        """The label of each step: its time as in the result, or its month or year."""
        forms = {"month": "%Y-%m", "year": "%Y"}
        form = next((f for word, f in forms.items() if self.summary.endswith(word)), "")
        texts = [time.strftime(form) if form else iso(time) for time in self.times]
        pairs = zip(texts, self.complete.tolist(), strict=True)
        return [text if whole else f"{text}{IN_PART}" for text, whole in pairs]

    def step_in_words(self, step: int) -> str:
        """Name a step as people do, by its number: "March-May 2021", or "2021-03-01"."""
        if self.spans:
            return span_in_words(*self.spans[step], self.times[0].calendar)
        day = local_date(self.labels[step].removesuffix(IN_PART))
        return day if self.complete[step] else tr("{time} (in part)", time=day)

    @cached_property
    def positions(self) -> NDArray[np.datetime64]:
        """(time,) place of each step on a time axis; of other calendars, the nearest real time."""
        return np.array([_position(time) for time in self.times], dtype="datetime64[s]")

    def frame(self, zone: int = 0) -> pd.DataFrame:
        """Return the columns of one zone as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(self.columns(zone))

    def columns(self, zone: int = 0) -> dict[str, NDArray[Any]]:
        """Return the columns of one zone: ``time``, ``value``, ``percent`` and ``label``.

        Each run of missing steps has one row, whose value is NaN. Values that are compared with
        what is normal have that in further columns, named as in the result.
        """
        times, labels, order = self._rows
        gaps = len(order) - len(self.times)
        percent = np.concatenate([self.percent[:, zone], np.zeros(gaps)])
        numbers = {"value": self.values} | (dict(self.normals.numbers) if self.normals else {})
        known = {
            name: np.concatenate([array[:, zone], np.full(gaps, np.nan)])[order]
            for name, array in numbers.items()
        }
        return {"time": times, **known, "percent": percent[order], "label": labels}

    def bars(self) -> dict[str, NDArray[Any]]:
        """Return the columns of bars, row by row as ``columns``: ``middle``, and ``width`` [ms].

        A bar is in the middle of its step, with room for what is normal beside it; a row for a run
        of missing steps has none.
        """
        times, _, order = self._rows
        gaps = np.full(len(order) - len(self.times), np.nan)
        length = np.concatenate([self.lengths * 86_400_000.0, gaps])[order]
        half = np.nan_to_num(length / 2).astype("timedelta64[ms]")
        share = BAR_SHARES[self.normals is not None]
        return {"middle": times.astype("datetime64[ms]") + half, "width": length * share}

    @cached_property
    def _rows(self) -> tuple[NDArray[np.datetime64], NDArray[np.object_], NDArray[np.intp]]:
        """Times and labels, with a row for each run of missing steps; and the order of all."""
        holes = self._holes()
        times = np.concatenate([self.positions, np.array(holes, dtype=self.positions.dtype)])
        labels = np.array([*self.labels, *["no data"] * len(holes)], dtype=object)
        order = np.argsort(times, kind="stable")
        return times[order], labels[order], order

    def _holes(self) -> list[np.datetime64]:
        """Return a time in each run of missing steps."""
        length = self.lengths.tolist()
        apart = [(b - a).total_seconds() / 86400.0 for a, b in pairwise(self.times)]
        after = [
            i for i, days in enumerate(apart) if days > 1.5 * length[i] + 3.0 * (length[i] > 27)
        ]
        ends = [round(length[i] * 86400) for i in after]
        starts = self.positions[after]
        return [a + np.timedelta64(end, "s") for a, end in zip(starts, ends, strict=True)]


def _share(total: Floats, weight: Floats) -> Floats:
    share: Floats = np.divide(total, weight, out=np.full(total.shape, np.nan), where=weight > 0)
    return share


def _position(time: cftime.datetime) -> np.datetime64:
    """Return the place of a time on the axis; 30 February lies between 28 February and 1 March."""
    real = calendar.monthrange(time.year, time.month)[1]
    day = np.datetime64(date(time.year, time.month, min(time.day, real)), "s")
    beyond = max(0, time.day - real) * 8 * 3600
    clock = time.hour * 3600 + time.minute * 60 + time.second
    return day + np.timedelta64(clock if not beyond else beyond + clock // 3, "s")
