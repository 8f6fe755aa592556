"""The service of another machine: the same methods, over its HTTP API."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from csserv.catalog.area_lookup import AreaLike, find_area, is_name
from csserv.catalog.layers import TITLES, FeatureLayer, Layers
from csserv.catalog.layers.layer_facts import LayerFacts
from csserv.catalog.name_index import Feature
from csserv.catalog.read.axes import Further
from csserv.catalog.timeline.coverage import Coverage, Gap, Missing
from csserv.errors import (
    EmptySelectionError,
    InvalidRequestError,
    RequestTooLargeError,
    UnreachableError,
)
from csserv.logs.request_ids import HEADER, new_request_id, request_id_of
from csserv.many_requests import ManyRequests
from csserv.outputs import Result
from csserv.problem import Problem, error_of
from csserv.request import Area, Options, Period, Request, Zone
from csserv.request.files.file_choices import NO_CHOICES, FileChoices
from csserv.request.files.reading import split_layer
from csserv.table import Table
from csserv.tasks.cluster.worker_info import WorkerInfo
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.plan.estimate import Estimate

#: how long the server may take to begin an answer [s]
PATIENCE = 60.0

#: how often an interrupted stream of events is opened again, and the pause before that [s]
AGAIN, PAUSE = 10, 1.0

#: how often the layers of the server are looked at [s]
GLANCE = 2.0

#: bytes of a file that are read at once
PIECE = 2**20


class RemoteService(ManyRequests):
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
        self.address = address.rstrip("/")
        self._session = requests.Session()
        again = Retry(total=3, backoff_factor=0.3, status_forcelist=[502, 504])
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=again))
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"
        self._folder = tempfile.TemporaryDirectory(prefix="csserv-")
        self.version = str(self.get("/health")["version"])

    @cached_property
    def layers(self) -> Layers:
        """The feature layers of the server; those that are added later are seen, too."""
        known = RemoteFolder(self)
        return Layers(known.bundled, known)

    @property
    def datasets(self) -> Table:
        """The datasets of the server, as a table to search."""
        columns = ("name", "title", "number", "units", "time_step")
        rows = (
            {name: one[name] for name in columns}
            | {"from": one["first"] or "", "to": one["last"] or ""}
            for one in self.get("/datasets")
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
        """Check a request without submitting it. See :meth:`csserv.Service.request`."""
        refused = self.estimate(dataset, operation, area, period, options).refused
        if refused is not None:
            raise RequestTooLargeError(refused)
        name = self.get(_dataset(dataset))["name"]
        days = period if isinstance(period, Period) else Period.parse(period)
        return Request(name, operation, self.area(area), days, options or Options())

    def area(
        self,
        given: AreaLike,
        *,
        layer: str = "",
        name_field: str = "",
        id_field: str = "",
        crs: str = "",
        encoding: str = "",
        lon_field: str = "",
        lat_field: str = "",
    ) -> Area:
        """Make an area of a feature's name, a file, GeoJSON, a GeoDataFrame, a geometry or a box.

        Parameters
        ----------
        layer : which of several layers, folders or files in a ZIP; also ``"file.gpkg:layer"``
        name_field, id_field : fields of the names and ids of zones
        crs : coordinate system, such as ``"EPSG:32737"``, of a file that does not state it
        encoding : of the texts of a shapefile or table, such as ``"cp1256"``
        lon_field, lat_field : columns of the longitudes and latitudes of a table
        """
        choices = FileChoices(layer, name_field, id_field, crs, encoding, lon_field, lat_field)
        return find_area(given, self.layers, choices=choices)

    def add_layer(
        self, name: str, given: Path | str, choices: FileChoices = NO_CHOICES, **facts: Any
    ) -> FeatureLayer:
        """Send a file as a layer of the server; for admins. See :meth:`csserv.Service.add_layer`.

        Raises
        ------
        InvalidRequestError : there is no such file, or the server cannot use it
        AccessDeniedError : the token is none of an admin
        """
        path, choices = split_layer(str(given), choices)
        if not path.is_file():
            raise InvalidRequestError(f"there is no file {path}")
        query = {**asdict(choices), **facts, "filename": path.name}
        query = {key: str(value) for key, value in query.items() if value not in ("", False)}
        self._request("PUT", _layer(name), params=query, data=path.read_bytes(), timeout=PATIENCE)
        return self.layers[name]

    def remove_layer(self, name: str) -> None:
        """Remove a layer of the server; for admins."""
        self._send("DELETE", _layer(name), None)

    def extent(self, dataset: str) -> tuple[str, str]:
        """First and last day of a dataset's data, ``YYYY-MM-DD``."""
        coverage = self.coverage(dataset)
        return coverage.first[:10], coverage.last[:10]

    def coverage(self, name: str) -> Coverage:
        """Return what a dataset's files on the server cover, and which steps are missing."""
        found = self.get(_dataset(name))
        if found["coverage"] is None:
            raise EmptySelectionError(found["reason"])
        return RemoteCoverage.of(found["coverage"], name, self)

    def estimate(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        options: Options | None = None,
    ) -> Estimate:
        """Estimate the cost of a request; no task is made. See :meth:`csserv.Service.estimate`."""
        asked = _asked(dataset, operation, self._sent(area), period, options or Options())
        plain = self._send("POST", "/estimate", asked)
        return Estimate(**plain | {"missing": tuple(Gap(**one) for one in plain["missing"])})

    def submit(
        self,
        dataset: str,
        operation: str,
        area: AreaLike,
        period: Period | str,
        *,
        time_step: str | None = None,
        units: str | None = None,
        weighting: str | None = None,
        least_valid: float | None = None,
        over_time: str | None = None,
        accumulate: int | None = None,
        select: Mapping[str, Any] | None = None,
        options: Options | None = None,
        client: str | None = None,
        priority: int = 0,
        task_id: str = "",
        request_id: str = "",
    ) -> Task:
        """Queue a request. See :meth:`csserv.Service.submit`."""
        options = options or Options.of(
            select,
            time_step=time_step,
            units=units,
            weighting=weighting,
            least_valid=least_valid,
            over_time=over_time,
            accumulate=accumulate,
        )
        asked = _asked(dataset, operation, self._sent(area), period, options)
        asked |= {"priority": priority, "client": client, "id": task_id or None}
        return _task(self._send("POST", "/tasks", asked, request_id))

    def task(self, task: Task | str) -> Task:
        """Look up a task as it is now."""
        return _task(self.get(f"/tasks/{_id(task)}"))

    def tasks(
        self, wanted: TaskFilter | None = None, first: int = 0, count: int = 50
    ) -> list[Task]:
        """List tasks, newest first: ``count`` of those wanted, after the ``first`` ones."""
        given = {name: value for name, value in asdict(wanted or TaskFilter()).items() if value}
        page, skip = divmod(first, count)
        found: list[Task] = []
        while len(found) < skip + count:
            page += 1
            plain = self.get("/tasks", given | {"page": page, "count": count})
            found += map(_task, plain["tasks"])
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
                for current in self._events(_id(task)):
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

    def wait(self, task: Task | str) -> Task:
        """Wait until a task ends, and return it."""
        *_, last = self.watch(task)
        return last

    def result(self, task: Task | str, wait: bool = True) -> Result:
        """Fetch the result of a task; waits until it ends, unless ``wait`` is false.

        The files lie in a temporary folder until this service is closed.
        """
        last = self.wait(task) if wait else self.task(task)
        folder = Path(self._folder.name) / last.id
        plain = self.get(f"/tasks/{last.id}/result")
        folder.mkdir(exist_ok=True)
        (folder / f"{last.id}.json").write_text(json.dumps(plain), encoding="utf-8")
        for name in self.file_names(last):
            if not (folder / name).exists():
                self._fetch(f"/tasks/{last.id}/files/{name}", folder / name)
        return Result(folder, self.task_area(last))

    def task_area(self, task: Task | str) -> Area:
        """Fetch the area of a task."""
        return Area.from_stored(self.get(f"/tasks/{_id(task)}/area"))

    def partial(self, task: Task | str) -> dict[str, Any]:
        """Return the series of a task as far as they are known, in the form of a result's JSON."""
        return dict(self.get(f"/tasks/{_id(task)}/result", {"partial": "true"}))

    def explain(self, *asked: object, **options: object) -> NoReturn:
        """Refuse: the cells behind a number can only be read where the data are.

        Raises
        ------
        InvalidRequestError : always
        """
        raise InvalidRequestError(_where_the_data_are("explain", self.address))

    def verify(self, result: object, whole: bool = False, on_file: object = None) -> NoReturn:
        """Refuse: a result can only be computed again where the data are.

        Raises
        ------
        InvalidRequestError : always
        """
        raise InvalidRequestError(_where_the_data_are("verify", self.address))

    def file_names(self, task: Task | str) -> list[str]:
        """List the file names of a task's result; empty if it has none."""
        links = self.get(f"/tasks/{_id(task)}")["links"]["files"]
        return [link.rpartition("/")[2] for link in links]

    def cancel(self, task: Task | str) -> Task:
        """Cancel a task; one that has ended stays as it is."""
        return _task(self._send("DELETE", f"/tasks/{_id(task)}?action=cancel", None))

    def delete(self, task: Task | str) -> None:
        """Remove a finished task and its result."""
        self._send("DELETE", f"/tasks/{_id(task)}?action=remove", None)

    def workers(self) -> list[WorkerInfo]:
        """List the workers of the server."""
        return [WorkerInfo(**one, address="") for one in self.get("/workers")]

    def stop_worker(self, uuid: str) -> WorkerInfo:
        """Let a worker finish its call, take no new one, and leave."""
        found = self._send("DELETE", f"/workers/{quote(uuid, safe='')}", None)
        return WorkerInfo(**found, address="")

    def count_open(self) -> int:
        """Count the tasks that wait or run."""
        return int(self.get("/health")["open_tasks"])

    def has_runner(self) -> bool:
        """Whether some process runs the tasks of the server now."""
        return bool(self.get("/health")["status"] != "no runner")

    def close(self) -> None:
        """Close the connection, and remove the files of results."""
        self._session.close()
        self._folder.cleanup()

    def __enter__(self) -> RemoteService:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _sent(self, area: AreaLike) -> Any:
        """Write an area as the API expects it: a name as it is, anything else as GeoJSON."""
        return area if is_name(area) else json.loads(self.area(area).geojson)

    def _events(self, task_id: str) -> Iterator[Task]:
        """Yield the events of a task as they arrive."""
        path = f"/tasks/{task_id}/events"
        with self._request("GET", path, stream=True, timeout=PATIENCE) as answer:
            kind = ""
            for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data" and kind in ("task", "end"):
                    yield _task(json.loads(value))

    def _fetch(self, path: str, target: Path) -> None:
        """Fetch a file; it appears only when it is complete."""
        draft = target.with_name(f".{target.name}.draft")
        answer = self._request("GET", path, stream=True, timeout=PATIENCE)
        with answer, draft.open("wb") as file:
            for piece in answer.iter_content(PIECE):
                file.write(piece)
        draft.replace(target)

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON that the server answers below ``/api/v1``.

        Raises
        ------
        UnreachableError : nothing answers, or it is not csserv
        CsservError : the error that the server reports
        """
        return self._request("GET", path, params=query, timeout=PATIENCE).json()

    def _send(self, method: str, path: str, body: object, request_id: str = "") -> Any:
        named = {HEADER: request_id_of(request_id)}
        return self._request(method, path, json=body, headers=named, timeout=PATIENCE).json()

    def _request(self, method: str, path: str, **how: Any) -> requests.Response:
        """Send a request to the server, with an id by which its log names it.

        Raises
        ------
        UnreachableError : nothing answers, or it is not csserv
        CsservError : the error that the server reports, as the local service would raise it
        """
        headers = {HEADER: new_request_id()} | how.pop("headers", {})
        try:
            answer = self._session.request(
                method, f"{self.address}/api/v1{path}", headers=headers, **how
            )
        except requests.RequestException as error:
            raise UnreachableError(f"no csserv answers at {self.address}: {error}") from None
        if answer.headers.get("Content-Type", "") == "application/problem+json":
            plain = answer.json()
            kind = str(plain["type"]).removeprefix("urn:csserv:")
            named = f" (request {headers[HEADER]})" if plain["status"] == 500 else ""
            raise error_of(Problem(plain["status"], f"{plain['detail']}{named}", kind))
        if not answer.ok:
            raise UnreachableError(
                f"{self.address} is no csserv, or something is in between: "
                f"{answer.status_code} {answer.reason}"
            )
        return answer


@dataclass(frozen=True)
class RemoteLayer(FeatureLayer):
    """A feature layer of a server; geometries are fetched one by one."""

    service: RemoteService

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """All features, by id."""
        found = self.service.get(_layer(self.id))
        return tuple(
            Feature(one["id"], one["name"], one["iso"], tuple(one.get("parents", ())))
            for one in found
        )

    def zone(self, feature: Feature) -> Zone:
        """Fetch the geometry of a feature."""
        found = self._fetch(feature.id)
        return next(zone for zone in found if zone.id == feature.id)

    def zones(self, features: Iterable[Feature]) -> tuple[Zone, ...]:
        """Fetch the geometries of features: most of a layer at once, few one by one."""
        wanted = list(features)
        if 2 * len(wanted) <= len(self.features):
            return super().zones(wanted)
        known = {zone.id: zone for zone in self._fetch("")}
        return tuple(known[feature.id] for feature in wanted)

    def _fetch(self, text: str) -> tuple[Zone, ...]:
        query = {"search": text, "format": "geojson"}
        return Area.from_stored(self.service.get(_layer(self.id), query)).zones


class RemoteFolder:
    """The layers that a server has now; one that has not changed is fetched once."""

    def __init__(self, service: RemoteService) -> None:
        self._service = service
        self._rows: dict[str, Mapping[str, Any]] = {}
        self._known: dict[str, FeatureLayer] = {}
        self._looked = -GLANCE
        self(True)
        self.bundled = tuple(self._known[name] for name in TITLES if name in self._known)

    def __call__(self, at_once: bool) -> Mapping[str, FeatureLayer]:
        """Return those that were added, by name."""
        if at_once or time.monotonic() - self._looked >= GLANCE:
            rows = {row["id"]: row for row in self._service.get("/layers")}
            same = {name for name in rows if rows[name] == self._rows.get(name)}
            self._known = {
                name: self._known[name] if name in same else _remote_layer(row, self._service)
                for name, row in rows.items()
            }
            self._rows, self._looked = rows, time.monotonic()
        return {name: layer for name, layer in self._known.items() if name not in TITLES}


def _remote_layer(row: Mapping[str, Any], service: RemoteService) -> RemoteLayer:
    # servers of version 0.1 say no more than id and title
    facts = LayerFacts(*(str(row.get(name, "")) for name in ("source", "licence", "as_of")))
    return RemoteLayer(row["id"], row["title"], Path(row["id"]), service, facts=facts)


@dataclass(frozen=True)
class RemoteCoverage(Coverage):
    """What a dataset's files on a server cover; the server finds the missing steps of a period."""

    name: str
    service: RemoteService

    @classmethod
    def of(cls, plain: Mapping[str, Any], name: str, service: RemoteService) -> RemoteCoverage:
        """Build it from the API's answer."""
        further = plain["further"].items()
        known = {key: value for key, value in plain.items() if key != "missing"}
        read = {
            "gaps": tuple(Gap(**gap) for gap in plain["gaps"]),
            "bounds": tuple(plain["bounds"]),
            "resolution": tuple(plain["resolution"]),
            "further": tuple(Further(key, -1, tuple(labels)) for key, labels in further),
        }
        inner: dict[str, Any] = {"frequency": None, "holes": (), "ends": range(0)}
        return cls(**known | read | inner, name=name, service=service)

    def missing(self, period: Period) -> Missing:
        """Ask the server which steps of a period no file holds."""
        plain = self.service.get(_dataset(self.name), {"period": str(period)})
        found = plain["coverage"]["missing"]
        return Missing(found["steps"], tuple(Gap(**run) for run in found["runs"]))


def _where_the_data_are(what: str, address: str) -> str:
    return (
        f"{what} reads the files of the data, which lie on the machine of {address}: run it there, "
        "with csserv.connect() and the id of the task"
    )


def _layer(name: str) -> str:
    return f"/layers/{quote(name, safe='')}"


def _dataset(name: str) -> str:
    return f"/datasets/{quote(str(name), safe='')}"


def _asked(
    dataset: str, operation: str, area: Any, period: Period | str, options: Options
) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "dataset": str(dataset),
        "operation": operation,
        "area": area,
        "period": str(period),
        "time_step": options.time_step,
        "least_valid": options.least_valid,
        "units": options.units or None,
        "weighting": options.weighting,
        "select": dict(options.select),
    }
    # servers of version 0.1 do not know them
    newer = {"over_time": options.over_time, "accumulate": options.accumulate}
    return asked | {name: value for name, value in newer.items() if value not in ("", 1)}


def _task(plain: Mapping[str, Any]) -> Task:
    known = {field.name for field in fields(Task)}
    return Task.from_dict({name: value for name, value in plain.items() if name in known})


def _id(task: Task | str) -> str:
    return quote(task.id if isinstance(task, Task) else task, safe="")
