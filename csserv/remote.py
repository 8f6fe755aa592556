"""The service of another machine: the same methods, over its HTTP API."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, fields
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from csserv.catalog.area_lookup import AreaLike, find_area, is_name
from csserv.catalog.layers import FeatureLayer, Layers
from csserv.catalog.timeline.coverage import Coverage, Gap
from csserv.errors import (
    EmptySelectionError,
    InvalidRequestError,
    RequestTooLargeError,
    UnreachableError,
)
from csserv.methods import Sender, ServiceMethods
from csserv.outputs import Result
from csserv.over_http.api_client import PATIENCE, ApiClient
from csserv.over_http.api_text import asked, dataset_path, layer_path, read_task, task_name
from csserv.over_http.refused_methods import OnlyWhereTheDataAre
from csserv.over_http.server_coverage import RemoteCoverage
from csserv.over_http.server_layers import RemoteFolder
from csserv.request import Area, Options, Period, Request
from csserv.request.files.file_choices import NO_CHOICES, FileChoices
from csserv.request.files.reading import split_layer
from csserv.table import Table
from csserv.tasks.cluster.worker_info import WorkerInfo
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.plan.estimate import Estimate

#: how often an interrupted stream of events is opened again, and the pause before that [s]
AGAIN, PAUSE = 10, 1.0


class RemoteService(OnlyWhereTheDataAre, ServiceMethods):
    """The service of a server: the methods of :class:`csserv.Service`, over HTTP.

    Parameters
    ----------
    address : of the server, such as ``https://rain.example.org``
    token : access token, if the server requires one

    Raises
    ------
    UnreachableError : nothing answers there, or it is not csserv
    """

    def __init__(self, address: str, token: str | None = None) -> None:
        self._api = ApiClient(address, token)
        self.address = self._api.address
        self._folder = tempfile.TemporaryDirectory(prefix="csserv-")
        self.version = str(self._api.get("/health")["version"])

    @cached_property
    def layers(self) -> Layers:
        """The feature layers of the server; those that are added later are seen, too."""
        known = RemoteFolder(self._api)
        return Layers(known.bundled, known)

    @property
    def datasets(self) -> Table:
        """The datasets of the server, as a table to search."""
        columns = ("name", "title", "number", "units", "time_step")
        rows = (
            {name: one[name] for name in columns}
            | {"from": one["first"] or "", "to": one["last"] or ""}
            for one in self._api.get("/datasets")
        )
        return Table(tuple(rows), ("name", "title"))

    def request(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        options: Options | None = None,
    ) -> Request:
        refused = self.estimate(dataset, operation, area, period, options).refused
        if refused is not None:
            raise RequestTooLargeError(refused)
        name = self._api.get(dataset_path(dataset))["name"]
        days = period if isinstance(period, Period) else Period.parse(period)
        return Request(name, operation, self.area(area), days, options or Options())

    def _find_area(self, given: AreaLike, choices: FileChoices) -> Area:
        return find_area(given, self.layers, choices=choices)

    def add_layer(
        self, name: str, given: AreaLike, choices: FileChoices = NO_CHOICES, **facts: Any
    ) -> FeatureLayer:
        """Send a file as a layer of the server; for admins. See :meth:`csserv.Service.add_layer`.

        Raises
        ------
        InvalidRequestError : there is no such file, or the server cannot use it
        AccessDeniedError : the token is none of an admin
        """
        if not isinstance(given, Path | str):
            raise InvalidRequestError(
                f"a server takes a layer as a file, and this is {given!r:.80}"
            )
        path, choices = split_layer(str(given), choices)
        if not path.is_file():
            raise InvalidRequestError(f"there is no file {path}")
        query = {**asdict(choices), **facts, "filename": path.name}
        query = {key: str(value) for key, value in query.items() if value not in ("", False)}
        self._api.ask(
            "PUT", layer_path(name), params=query, data=path.read_bytes(), timeout=PATIENCE
        )
        return self.layers[name]

    def remove_layer(self, name: str) -> None:
        self._api.send("DELETE", layer_path(name), None)

    def extent(self, dataset: str) -> tuple[str, str]:
        coverage = self.coverage(dataset)
        return coverage.first[:10], coverage.last[:10]

    def coverage(self, name: str) -> Coverage:
        """Return what a dataset's files on the server cover, and which steps are missing."""
        found = self._api.get(dataset_path(name))
        if found["coverage"] is None:
            raise EmptySelectionError(found["reason"])
        return RemoteCoverage.of(found["coverage"], name, self._api)

    def estimate(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        options: Options | None = None,
    ) -> Estimate:
        wanted = asked(dataset, operation, self._sent(area), period, options or Options())
        try:
            plain = self._api.send("POST", "/estimate?result_size=true&time_range=true", wanted)
        except InvalidRequestError:  # a server of version 0.1; or the request is refused once more
            plain = self._api.send("POST", "/estimate", wanted)
        # what servers of later versions say more is left out
        known = {one.name: plain[one.name] for one in fields(Estimate) if one.name in plain}
        return Estimate(**known | {"missing": tuple(Gap(**one) for one in plain["missing"])})

    def _queue(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        options: Options,
        sender: Sender,
    ) -> Task:
        plain = asked(dataset, operation, self._sent(area), period, options)
        plain |= {"priority": sender.priority, "client": sender.client}
        plain |= {"id": sender.task_id or None}
        return read_task(self._api.send("POST", "/tasks", plain, sender.request_id))

    def task(self, task: Task | str) -> Task:
        return read_task(self._api.get(f"/tasks/{task_name(task)}"))

    def tasks(
        self, wanted: TaskFilter | None = None, first: int = 0, count: int = 50
    ) -> list[Task]:
        given = {name: value for name, value in asdict(wanted or TaskFilter()).items() if value}
        page, skip = divmod(first, count)
        found: list[Task] = []
        while len(found) < skip + count:
            page += 1
            plain = self._api.get("/tasks", given | {"page": page, "count": count})
            found += map(read_task, plain["tasks"])
            if plain["next"] is None:
                break
        return found[skip : skip + count]

    def watch(self, task: Task | str, interval: float = 0.1) -> Iterator[Task]:
        """Yield a task each time it has changed, until it ends; ``interval`` is not used.

        Raises
        ------
        UnreachableError : the connection was lost, and could not be opened again
        """
        latest: Task | None = None
        broken = 0
        while True:
            try:
                for current in self._api.events(task_name(task)):
                    broken = 0
                    if current != latest:
                        yield current
                    latest = current
                    if current.state.is_final:
                        return
            except requests.RequestException as error:
                if broken == AGAIN:
                    raise UnreachableError(f"{self.address} broke off: {error}") from None
            broken += 1
            time.sleep(PAUSE)

    def result(self, task: Task | str, wait: bool = True) -> Result:
        """Fetch the result of a task; waits until it ends, unless ``wait`` is false.

        The files lie in a temporary folder until this service is closed.
        """
        last = self.wait(task) if wait else self.task(task)
        folder = Path(self._folder.name) / last.id
        folder.mkdir(exist_ok=True)
        self._fetch_json(last.id, folder / f"{last.id}.json")
        for name in self.file_names(last):
            if not (folder / name).exists():
                self._api.fetch(f"/tasks/{last.id}/files/{name}", folder / name)
        return Result(folder, self.task_area(last))

    def _fetch_json(self, task_id: str, target: Path) -> None:
        """Fetch a result as it is stored: it may be larger than memory."""
        path = f"/tasks/{task_id}/result"
        try:
            self._api.fetch(f"{path}?version=2", target)
        except InvalidRequestError:  # a server of before there were versions
            self._api.fetch(path, target)

    def task_area(self, task: Task | str) -> Area:
        """Fetch the area of a task."""
        return Area.from_stored(self._api.get(f"/tasks/{task_name(task)}/area"))

    def partial(self, task: Task | str) -> dict[str, Any]:
        return dict(self._api.get(f"/tasks/{task_name(task)}/result", {"partial": "true"}))

    def file_names(self, task: Task | str) -> list[str]:
        links = self._api.get(f"/tasks/{task_name(task)}")["links"]["files"]
        return [link.rpartition("/")[2] for link in links]

    def cancel(self, task: Task | str) -> Task:
        return read_task(self._api.send("DELETE", f"/tasks/{task_name(task)}?action=cancel", None))

    def delete(self, task: Task | str) -> None:
        self._api.send("DELETE", f"/tasks/{task_name(task)}?action=remove", None)

    def workers(self) -> list[WorkerInfo]:
        """List the workers of the server."""
        return [WorkerInfo(**one, address="") for one in self._api.get("/workers")]

    def stop_worker(self, uuid: str) -> WorkerInfo:
        found = self._api.send("DELETE", f"/workers/{quote(uuid, safe='')}", None)
        return WorkerInfo(**found, address="")

    def count_open(self) -> int:
        return int(self._api.get("/health")["open_tasks"])

    def has_runner(self) -> bool:
        """Whether some process runs the tasks of the server now."""
        return bool(self._api.get("/health")["status"] != "no runner")

    def close(self) -> None:
        """Close the connection, and remove the files of results."""
        self._api.close()
        self._folder.cleanup()

    def _sent(self, area: AreaLike) -> Any:
        """Write an area as the API expects it: a name as it is, anything else as GeoJSON."""
        return area if is_name(area) else json.loads(self.area(area).geojson)
