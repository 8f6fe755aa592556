"""The jobs of the stand-in, as the Copernicus Climate Data Store takes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from csserv.ingest.products.product_table import Product
from csserv.ingest.products.remote_file import moment_in_name
from csserv.ingest.replay.published import PublishedFile
from csserv.ingest.replay.replay_server import Replay, ReplayHandler

#: where jobs are taken
PATH = "/cds.climate.copernicus.eu/api/retrieve/v1/"

#: states of a job, one a look, until it is done
STATES = ("accepted", "running", "successful")


@dataclass
class CdsJobs:
    """Takes jobs, and makes a file of each after a few looks.

    Attributes
    ----------
    replay : gets the files
    products : that files are made of: of each job, that of which the table asks so
    key : that must come with each request; any if empty
    fails : why a job comes to nothing; empty if it does not
    refuses : why no job is taken
    store : address of the machine that files are fetched from; of the stand-in if empty
    asked : what each job asked for
    called_off : names of jobs that were ended before they were done
    """

    replay: Replay
    products: Sequence[Product]
    key: str = ""
    fails: str = ""
    refuses: str = ""
    store: str = ""
    states: tuple[str, ...] = STATES
    asked: list[dict[str, Any]] = field(default_factory=list)
    called_off: list[str] = field(default_factory=list)
    _looks: dict[str, int] = field(default_factory=dict)

    def __call__(self, handler: ReplayHandler, path: str) -> None:
        """Answer a request."""
        key = handler.headers.get("PRIVATE-TOKEN", "")
        if not key or (self.key and key != self.key):
            handler.send_json({"title": "authentication failed", "status": 401}, 401)
        elif path.endswith("/execution"):
            self._take(handler)
        elif handler.command == "DELETE":
            self._call_off(handler, path.split("/")[-1])
        elif path.endswith("/results"):
            self._result(handler, path.split("/")[-2])
        else:
            self._look(handler, path.split("/")[-1])

    def _take(self, handler: ReplayHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if self.refuses:
            told = {"type": "permission denied", "title": "permission denied", "status": 403}
            handler.send_json(told | {"detail": self.refuses}, 403)
            return
        dataset = handler.path.split("/")[-2]
        self.asked.append({"dataset": dataset, **json.loads(body)["inputs"]})
        job = f"job-{len(self.asked)}"
        self._looks[job] = 0
        handler.send_json({"jobID": job, "status": self.states[0]}, 201)

    def _call_off(self, handler: ReplayHandler, job: str) -> None:
        self.called_off.append(job)
        handler.send_json({"jobID": job, "status": "dismissed"})

    def _look(self, handler: ReplayHandler, job: str) -> None:
        number = self._looks[job]
        self._looks[job] = min(number + 1, len(self.states) - 1)
        state = "dismissed" if job in self.called_off else self.states[number]
        if self.fails and state == "successful":
            state = "failed"
        handler.send_json({"jobID": job, "status": state})

    def _result(self, handler: ReplayHandler, job: str) -> None:
        if self.fails:
            told = {"type": "job results failed", "title": "The job has failed", "status": 400}
            handler.send_json(told | {"detail": self.fails}, 400)
            return
        asked = self.asked[int(job.rpartition("-")[2]) - 1]
        days = [datetime(int(asked["year"]), int(asked["month"][0]), int(d)) for d in asked["day"]]
        path = f"/cache/{job}.nc"
        product = self._product(asked)
        starts = tuple(one - (moment_in_name(product, one) - one) for one in days)
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        self.replay.shelf.files[path] = PublishedFile(path, product, "final", starts, now)
        href = (self.store or self.replay.address).rstrip("/") + path
        handler.send_json({"asset": {"value": {"type": "application/netcdf", "href": href}}})

    def _product(self, asked: dict[str, Any]) -> Product:
        def is_asked(product: Product) -> bool:
            """Whether the job asks for all that the table asks for."""
            return all(asked.get(name) == one for name, one in product.further["request"].items())

        return next(filter(is_asked, self.products))
