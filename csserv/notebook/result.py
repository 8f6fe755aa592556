"""Results, and parts of them, as a person at a notebook has them: they show and draw themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from csserv import outputs
from csserv.notebook.summary import as_html, as_text, facts
from csserv.outputs.series_result import SeriesResult
from csserv.request import Area
from csserv.tasks.log.task import Task

if TYPE_CHECKING:  # HoloViews is slow to import
    from csserv.views.result.notebook_plots import Plots


class Drawn(SeriesResult):
    """An answer that can be plotted."""

    @property
    def plot(self) -> Plots:
        """Draw it: ``plot()`` as lines over time, ``plot.map()`` as zones on a map."""
        from csserv.views.result.notebook_plots import Plots

        return Plots(self)


@dataclass(frozen=True, repr=False)
class Result(outputs.Result, Drawn):
    """The outputs of one task: open them, plot them, cite them.

    Attributes
    ----------
    folder : holds the files; named as the task
    zones : the area that was asked about, or its GeoJSON file; without it, the file is looked for
        where a server has it, ``areas/<sha256>.geojson`` beside the folder of all results
    """

    @classmethod
    def of(cls, result: outputs.Result) -> Self:
        """Take over a result."""
        return cls(result.folder, result.zones)

    def __repr__(self) -> str:
        return as_text(facts(self))

    def _repr_html_(self) -> str:
        return as_html(facts(self), self.json)


@dataclass(frozen=True, eq=False, repr=False)
class Partial(Drawn):
    """The steps that are known while the task runs; there may be gaps between them.

    Attributes
    ----------
    json : in the form of a result's
    area : what is asked about
    share : of the work done [1], 0 to 1
    """

    json: dict[str, Any]
    area: Area
    share: float

    @classmethod
    def of(cls, found: Mapping[str, Any], area: Area, task: Task) -> Self:
        """Take what a service knows of a task; before the first step, all series are empty."""
        nothing = [
            {"zone": {"id": one.id, "name": one.name}, "time": [], "value": [], "valid_percent": []}
            for one in area.zones
        ]
        asked = {name: getattr(task.request, name) for name in ("dataset", "operation", "period")}
        empty = {"request": asked, "units": "", "calendar": "standard"}
        return cls(
            empty | dict(found) | {"series": found["series"] or nothing}, area, task.progress
        )

    def __len__(self) -> int:
        """Count the steps that are known."""
        return len(self.json["series"][0]["time"])

    def __repr__(self) -> str:
        asked, times = self.json["request"], self.json["series"][0]["time"]
        known = f", {times[0]} to {times[-1]}" if times else ""
        return (
            f"{asked['operation']} of {asked['dataset']}, {self.area.title}: "
            f"{len(times):,} steps known{known} ({self.share:.0%} of the work done)"
        )
