"""What may be asked about tasks, their results, and the workers that do them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from csserv.outputs import Result
from csserv.outputs.series_result import SeriesResult
from csserv.request import Area
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_filter import TaskFilter

if TYPE_CHECKING:  # loaded where they are used: pandas and rasterio are slow to import
    from csserv.checking import Explanation, IndexExplanation, Moved, Verification
    from csserv.outlooks.index_of_results import IndexResult
    from csserv.tasks.cluster.worker_info import WorkerInfo


class TaskMethods(ABC):
    """What can be done with a task, from its submission to its result."""

    @abstractmethod
    def task(self, task: Task | str) -> Task:
        """Look up a task as it is now.

        Raises
        ------
        TaskNotFoundError : no task has that id
        TaskExpiredError : there was one, and its record is no longer kept
        """

    @abstractmethod
    def tasks(
        self, wanted: TaskFilter | None = None, first: int = 0, count: int = 50
    ) -> list[Task]:
        """List tasks, newest first: ``count`` of those wanted, after the ``first`` ones."""

    @abstractmethod
    def watch(self, task: Task | str, interval: float = 0.1) -> Iterator[Task]:
        """Yield a task each time it has changed, until it ends.

        Parameters
        ----------
        interval : time between looks [s]; the service of this machine looks as soon as the log
            changes, where the system tells it
        """

    def wait(self, task: Task | str) -> Task:
        """Wait until a task ends, and return it."""
        *_, last = self.watch(task)
        return last

    @abstractmethod
    def result(self, task: Task | str, wait: bool = True) -> Result:
        """Open the result of a task; waits until it ends, unless ``wait`` is false.

        Raises
        ------
        TaskFailedError, TaskCancelledError : the task has no result; says why
        TaskNotFinishedError : the task has not ended, and ``wait`` is false
        TaskExpiredError : the result is no longer kept
        """

    @abstractmethod
    def partial(self, task: Task | str) -> dict[str, Any]:
        """Return the series of a task as far as they are known, in the form of a result's JSON.

        Returns
        -------
        the whole result if the task succeeded; else ``series`` with the steps known so far, and
        ``partial``, which is true. There are no ``series`` before the first step is known; of many
        zones and steps, those of the first zones only: ``zones_left_out`` says of how many not

        Raises
        ------
        TaskFailedError, TaskCancelledError, TaskExpiredError : there is no result
        """

    @abstractmethod
    def task_area(self, task: Task | str) -> Area:
        """Read the area of a task."""

    @abstractmethod
    def file_names(self, task: Task | str) -> list[str]:
        """List the file names of a task's result; empty if it has none."""

    @abstractmethod
    def explain(
        self,
        result: Result | Task | str,
        date: Any,
        zone: str | None = None,
        operation: str | None = None,
        select: Mapping[str, Any] | None = None,
    ) -> Explanation | IndexExplanation:
        """Read the cells behind one number: how much each counts, and what it contributes.

        Behind a number of an index: the series that it is computed of, what was fitted for that
        step of the year, and the receipt of the library.

        Parameters
        ----------
        result : a result, or its task
        date : a step of the result, or a day in one: ``"2019-03-07"``
        zone : name or id; needed only if there are several
        operation : of several, the first if None
        select : coordinate of each dimension of which the result has several: ``{"member": 3}``

        Raises
        ------
        InvalidRequestError : no such step, zone, operation or coordinate; says what there is
        GranuleError : a file is gone, or the data have changed since: the number is another now
        """

    def index_of(
        self,
        results: Mapping[str, SeriesResult | Task | str],
        index: str,
        *,
        accumulate: int = 1,
        against: str | bool | None = None,
        **options: Any,
    ) -> IndexResult:
        """Compute an index of several results, such as SPEI of rain and temperature.

        It is computed here and now, of all the steps of the results: ask for the whole record.

        Parameters
        ----------
        results : what each is of → a result, or its task: ``{"precipitation": rain, "temperature":
            warmth}``; ``temperature_min``, ``temperature_max``, ``pet``, ``ndvi``. All of the same
            area, period and time step
        index : "spei", "eddi", …
        accumulate : how many time steps are added up: itself and those before it
        against : first and last year of its reference, such as "1991/2020"; those, or where the
            results begin later all of their years, if None
        options : of the index, such as ``pet="hargreaves"``, which follows from what is given; and
            ``compare="xclim"``

        Returns
        -------
        opened as a result is: ``to_xarray()``, ``to_dataframe()``, ``json``; and its
        ``receipt``. Latitudes, for evaporation, are those of the centroids of zones

        Raises
        ------
        InvalidRequestError : the results are of other zones or steps, or not what the index needs
        """
        from csserv.outlooks.index_of_results import index_of_results, results_by_kind

        opened = {
            kind: one if isinstance(one, SeriesResult) else self.result(one)
            for kind, one in results_by_kind(results).items()
        }
        return index_of_results(opened, index, accumulate, against, **options)

    @abstractmethod
    def verify(
        self,
        result: Result | Task | Path | str,
        whole: bool = False,
        on_file: Callable[[int, int], None] = lambda done, total: None,
    ) -> Verification:
        """Compute a result again, and say whether it is identical or what has changed.

        Parameters
        ----------
        result : a result, its task, or the path of its folder or of its JSON file, even of a copy
        whole : also read each file byte by byte, and keep the SHA-256 beside the JSON the first
            time, to compare with them later
        on_file : called after each file that is read as a whole: how many are, of how many
        """

    @abstractmethod
    def moved(self, result: Result | Task | Path | str) -> Moved:
        """Compute a result again, and list its numbers that have changed since, and why.

        Parameters
        ----------
        result : a result, its task, or the path of its folder or of its JSON file, even of a copy
        """

    @abstractmethod
    def cancel(self, task: Task | str) -> Task:
        """Cancel a task; one that has ended stays as it is."""

    @abstractmethod
    def delete(self, task: Task | str) -> None:
        """Remove a finished task and its result.

        Raises
        ------
        TaskNotFinishedError : it has not ended; cancel it first
        """

    @abstractmethod
    def workers(self) -> list[WorkerInfo]:
        """List the workers of the settings' scheduler, or else of the runner's cluster.

        Raises
        ------
        SettingsError : no scheduler is set and no runner works, or none answers
        """

    @abstractmethod
    def stop_worker(self, uuid: str) -> WorkerInfo:
        """Let a worker finish its call, take no new one, and leave; ``pool`` can do more.

        Raises
        ------
        UnknownWorkerError : no worker has that uuid
        """

    @abstractmethod
    def count_open(self) -> int:
        """Count the tasks that wait or run."""

    @abstractmethod
    def has_runner(self) -> bool:
        """Whether some process runs the tasks of this log now."""

    @abstractmethod
    def close(self) -> None:
        """End what the service keeps open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
