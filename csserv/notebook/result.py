"""Results of tasks for notebooks, with plots and an HTML summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from csserv import outputs
from csserv.notebook.summary import as_html, as_text, facts
from csserv.outputs.series_result import OfOneOperation, SeriesResult
from csserv.request import Area
from csserv.tasks.log.task import Task
from csserv.views.parts.amounts import counted

if TYPE_CHECKING:  # HoloViews is slow to import
    from csserv.views.result.notebook_plots import Plots


class PlottableResult(SeriesResult):
    """An answer with plots."""

    def select(self, operation: str | None = None, **coordinates: Any) -> PlottableResult:
        """Return the answer of one of several operations or members; see ``SeriesResult``."""
        return PlottablePart(self._chosen(operation, coordinates), self.area)

    @property
    def plot(self) -> Plots:
        """Plots: ``plot()`` draws lines over time, ``plot.map()`` zones on a map."""
        from csserv.views.result.notebook_plots import Plots

        return Plots(self)


@dataclass(frozen=True, eq=False)
class PlottablePart(OfOneOperation, PlottableResult):
    """The answer of one of several operations or members, with plots."""


@dataclass(frozen=True, repr=False)
class Result(outputs.Result, PlottableResult):
    """The outputs of one task: open them, plot them, cite them.

    Attributes
    ----------
    folder : holds the files; its name is the id of the task
    zones : the area of the request, or its GeoJSON file; unless given, the file is looked for
        where a server keeps it, ``areas/<sha256>.geojson`` beside the folder of all results
    """

    @classmethod
    def of(cls, result: outputs.Result) -> Self:
        """Make one from a result of a service."""
        return cls(result.folder, result.zones)

    def __repr__(self) -> str:
        return as_text(facts(self))

    def _repr_html_(self) -> str:
        document = self.in_arrays
        return as_html(facts(self, document), document)


@dataclass(frozen=True, eq=False, repr=False)
class Partial(PlottableResult):
    """The steps of a running task that are computed so far; there may be gaps between them.

    Attributes
    ----------
    json : the document of a result, with the steps so far
    area : the area of the request
    share : share of the work that is done [1], 0 to 1
    """

    json: dict[str, Any]
    area: Area
    share: float

    @classmethod
    def of(cls, found: Mapping[str, Any], area: Area, task: Task) -> Self:
        """Make one from the partial series of a service; before the first step, they are empty."""
        nothing = [
            {"zone": {"id": one.id, "name": one.name}, "time": [], "value": [], "valid_percent": []}
            for one in area.zones
        ]
        request = {name: getattr(task.request, name) for name in ("dataset", "operation", "period")}
        empty = {"request": request, "units": "", "calendar": "standard"}
        return cls(
            empty | dict(found) | {"series": found["series"] or nothing}, area, task.progress
        )

    def __len__(self) -> int:
        """Count the steps so far."""
        return len(self.json["series"][0]["time"])

    def __repr__(self) -> str:
        request, times = self.json["request"], self.json["series"][0]["time"]
        known = f", {times[0]} to {times[-1]}" if times else ""
        return (
            f"{request['operation']} of {request['dataset']}, {self.area.title}: "
            f"{counted(len(times), 'step')} known{known} ({self.share:.0%} of the work done)"
        )
