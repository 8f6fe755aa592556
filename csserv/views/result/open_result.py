"""Results, read for those who show them."""

from __future__ import annotations

from dataclasses import dataclass

from csserv.outputs import Result
from csserv.outputs.file_names import file_stem
from csserv.request import Area
from csserv.service import Service
from csserv.tasks.log.task import Task
from csserv.views.maps.export_frames import ExportFrames, frames_of
from csserv.views.parts.key_figures import KeyFigure, key_figures
from csserv.views.parts.series_table import SeriesTable
from csserv.views.result.provenance_view import Told, told


@dataclass(frozen=True, eq=False)
class OpenedResult:
    """A result that was read: away from the event loop."""

    task: Task
    result: Result
    table: SeriesTable
    area: Area
    figures: list[KeyFigure]
    told: Told
    frames: ExportFrames | None  #: the cells of an export

    @property
    def stem(self) -> str:
        """The name of its files, by what was asked."""
        asked = self.task.request
        step = str(asked.options.get("time_step", ""))
        return file_stem(asked.dataset, asked.operation, asked.area_title, asked.period, step)


def open_result(service: Service, task: Task) -> OpenedResult:
    """Read the result of a task.

    Raises
    ------
    TaskError : there is none; says why
    """
    result = service.result(task, wait=False)
    table = SeriesTable.of(result)
    return OpenedResult(
        task=task,
        result=result,
        table=table,
        area=service.task_area(task),
        figures=key_figures(table),
        told=told(result),
        frames=frames_of(result),
    )
