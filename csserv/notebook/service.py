"""The service for notebooks, which returns handles of tasks, and results with plots.

It wraps another service, so that no service imports anything of notebooks or of Panel.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

from csserv import opening
from csserv.errors import InvalidRequestError
from csserv.many_requests import ManyRequests
from csserv.notebook.handles import AnyService, GroupHandle, TaskHandle
from csserv.notebook.result import Partial, Result
from csserv.outputs.series_result import SeriesResult
from csserv.remote import RemoteService
from csserv.service import Service
from csserv.settings import Settings
from csserv.tasks.log.task import Task

if TYPE_CHECKING:  # loaded where it is used
    from csserv.notebook.comparing import PlottableComparison
    from csserv.notebook.plottable_index import PlottableIndex


def connect(where: Settings | str | None = None, token: str | None = None) -> NotebookService:
    """Open the service of this machine, or of a server; nothing has to be started before.

    Parameters
    ----------
    where : settings of the service on this machine, read from the environment unless given; or
        the address of a server, such as ``"https://rain.example.org"``
    token : API token, for a server that asks for one

    Raises
    ------
    UnreachableError : no csserv answers at the address
    """
    return NotebookService(opening.connect(where, token))


class NotebookService:
    """A service whose tasks are handles; all other methods are those of the wrapped service.

    Parameters
    ----------
    service : the service to wrap; it is closed with this one
    """

    def __init__(self, service: AnyService) -> None:
        self._service = service
        if "IPython" in sys.modules:
            _let_ipython_complete()

    @wraps(Service.submit)
    def submit(self, *args: Any, **options: Any) -> TaskHandle:
        """Check a request and queue it; see ``Service.submit``."""
        return self._handle(self._service.submit(*args, **options))

    @wraps(ManyRequests.map_zones)
    def map_zones(self, *args: Any, **options: Any) -> TaskHandle:
        """Submit one request with a zone for each row of a GeoDataFrame."""
        return self._handle(self._service.map_zones(*args, **options))

    @wraps(ManyRequests.submit_many)
    def submit_many(self, *args: Any, **options: Any) -> GroupHandle:
        """Submit a request for each combination of the arguments."""
        group = self._service.submit_many(*args, **options)
        return GroupHandle(tuple(map(self._handle, group)), self._service)

    def task(self, task: Task | TaskHandle | str) -> TaskHandle:
        """Return the handle of a task, for example after a restart of the kernel.

        Raises
        ------
        TaskNotFoundError : no task has that id
        """
        return self._handle(self._service.task(_plain(task)))

    def result(self, task: Task | TaskHandle | str, wait: bool = True) -> Result:
        """Open the result of a task; see ``Service.result``.

        Parameters
        ----------
        wait : whether to wait until the task ends
        """
        return Result.of(self._service.result(_plain(task), wait))

    @wraps(Service.index_of)
    def index_of(self, results: Mapping[str, Any], index: str, **options: Any) -> PlottableIndex:
        """Compute an index of several results; see ``Service.index_of``."""
        from csserv.notebook.plottable_index import PlottableIndex
        from csserv.outlooks.index_of_results import results_by_kind

        plain = {kind: _plain(one) for kind, one in results_by_kind(results).items()}
        found = self._service.index_of(plain, index, **options)
        return PlottableIndex(found.json, found.area)

    def compare(
        self,
        *what: Any,
        operation: str = "mean",
        area: Any = None,
        period: Any = None,
        **options: Any,
    ) -> PlottableComparison:
        """Put datasets, tasks or results of the same zones side by side.

        Datasets are asked the same, at once, and waited for::

            service.compare("chirps", "era5", area="Kenya/*", period="2019", time_step="monthly")

        Parameters
        ----------
        what : names of datasets; or tasks, or results. How far each is from the first is told
        operation, area, period, options : as those of ``submit``; needed for datasets

        Returns
        -------
        comparison : ``table()`` says how far each is from the first, ``plot()`` draws them,
            ``to_dataframe()`` and ``to_dataset()`` have them step by step

        Raises
        ------
        InvalidRequestError : fewer than two, or they have other zones, units or steps
        """
        from csserv.notebook.comparing import name_results

        if any(isinstance(one, str) for one in what) and (area is None or period is None):
            raise InvalidRequestError("say of which area and period: area=…, period=…")
        asked = [
            self._handle(self._service.submit(one, operation, area, period, **options))
            if isinstance(one, str)
            else one
            for one in what
        ]
        found = [one if isinstance(one, SeriesResult) else self.result(one) for one in asked]
        return name_results([(one.json["request"]["dataset"], one) for one in found])

    def partial(self, task: Task | TaskHandle | str) -> Partial:
        """Return the steps of a task computed so far; see ``TaskHandle.partial``."""
        return self.task(task).partial()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(self._service, name)
        return _with_handles(found) if inspect.ismethod(found) else found

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self._service)})

    def __repr__(self) -> str:
        one = self._service
        where = one.address if isinstance(one, RemoteService) else f"in {one.settings.home}"
        return f"csserv {where}: look at .datasets and .layers(), then .submit(...)"

    def __enter__(self) -> NotebookService:
        return self

    def __exit__(self, *error: object) -> None:
        self._service.close()

    def _handle(self, task: Task) -> TaskHandle:
        return TaskHandle(task.id, self._service)


def _plain(given: Any) -> Any:
    """Return the task id or group that a handle stands for; other values unchanged."""
    if isinstance(given, TaskHandle):
        return given.id
    return given.now() if isinstance(given, GroupHandle) else given


def _let_ipython_complete() -> None:
    """Let IPython complete ``service.datasets["chi<TAB>``, which it refuses for unknown classes."""
    with suppress(ImportError, KeyError, AttributeError):  # IPython before 8.8 asks nobody
        from IPython.core.guarded_eval import EVALUATION_POLICIES

        policy: Any = EVALUATION_POLICIES["limited"]
        policy.allowed_getattr.add(NotebookService)


def _with_handles(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def taking(*args: Any, **options: Any) -> Any:
        own = {name: _plain(value) for name, value in options.items()}
        return method(*map(_plain, args), **own)

    return taking
