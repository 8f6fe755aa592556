"""Results, read for those who show them."""

from __future__ import annotations

from dataclasses import dataclass

from csserv.outputs import Result
from csserv.outputs.naming import file_stem
from csserv.request import Area
from csserv.service import Service
from csserv.tasks.task import Task
from csserv.views.figures import KeyFigure, key_figures
from csserv.views.frames import ZipFrames, frames_of
from csserv.views.origin import Told, told
from csserv.views.series import SeriesTable


@dataclass(frozen=True, eq=False)
class Opened:
    """A result that was read: away from the event loop."""

    task: Task
    result: Result
    table: SeriesTable
    area: Area
    figures: list[KeyFigure]
    told: Told
    frames: ZipFrames | None  #: the cells of an export

    @property
    def stem(self) -> str:
        """The name of its files, by what was asked."""
        asked = self.task.request
        step = str(asked.options.get("time_step", ""))
        return file_stem(asked.dataset, asked.operation, asked.area_title, asked.period, step)


def open_result(service: Service, task: Task) -> Opened:
    """Read the result of a task.

    Raises
    ------
    TaskError : there is none; says why
    """
    result = service.result(task, wait=False)
    table = SeriesTable.of(result)
    return Opened(
        task=task,
        result=result,
        table=table,
        area=service.task_area(task),
        figures=key_figures(table),
        told=told(result),
        frames=frames_of(result),
    )
