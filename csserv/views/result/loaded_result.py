"""Loading of a result with all that is shown of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from csserv.outputs import Result
from csserv.outputs.several_operations import choose_operation, operations_of
from csserv.outputs.words.provenance_text import ProvenanceText, provenance_text
from csserv.request import Area
from csserv.service import Service
from csserv.tasks.log.task import Task
from csserv.views.maps.export_frames import ExportFrames, frames_of
from csserv.views.parts.key_figures import KeyFigure, key_figures
from csserv.views.parts.series_table import SeriesTable


@dataclass(frozen=True, eq=False)
class LoadedResult:
    """A result, loaded into memory.

    Attributes
    ----------
    table : its series, of the operation that is shown
    operation : the one that is shown
    operations : those that were asked for
    figures : its key figures
    frames : the fields of an export, else None
    """

    task: Task
    result: Result
    table: SeriesTable
    operation: str
    operations: tuple[str, ...]
    area: Area
    figures: list[KeyFigure]
    provenance: ProvenanceText
    frames: ExportFrames | None

    @cached_property
    def plain(self) -> Mapping[str, Any]:
        """Its JSON, of the operation that is shown; of thousands of zones, a choice takes time."""
        return choose_operation(self.result.json, self.operation)

    @property
    def stem(self) -> str:
        """The name of its files, without ending, made of the request."""
        return self.task.request.file_stem


def load_result(service: Service, task: Task, operation: str | None = None) -> LoadedResult:
    """Load the result of a task; call this in a thread.

    Parameters
    ----------
    operation : which to show, of several; the first if None

    Raises
    ------
    TaskError : the task has no result; says why
    """
    result = service.result(task, wait=False)
    document = result.in_arrays
    names = operations_of(document)
    table = SeriesTable.of_json(choose_operation(document, operation or names[0]))
    return LoadedResult(
        task=task,
        result=result,
        table=table,
        operation=operation or names[0],
        operations=tuple(names),
        area=result.area,
        figures=key_figures(table),
        provenance=provenance_text(result, document),
        frames=frames_of(result),
    )
