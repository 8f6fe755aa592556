"""Handlers that stream: events of a task, and the files of its result."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from csserv.errors import TaskError, TaskNotFoundError
from csserv.http.native.api import Api
from csserv.http.native.endpoints import shown
from csserv.http.native.models import ResultQuery
from csserv.http.sending import Sender
from csserv.outputs.file_names import file_stem
from csserv.outputs.series_files import SERIES_FORMATS
from csserv.tasks.log.task import Task, TaskState

#: a comment is sent when nothing was for so long, so that no proxy ends the connection [s]
REST = 15.0


class Events(Api):
    """Server-sent events of a task, from its state now to its end.

    ``task`` holds the task, ``series`` the steps of the answer that became known since the
    last one, in the form of a result; ``end`` is the last one, and holds the task as it ended.
    """

    async def serve(self, path: dict[str, str]) -> None:
        """Send events until the task ends or the caller goes."""
        task_id = checked_id(path["id"])
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        known: set[str] = set()
        try:
            async for task in self.front.task_changes.follow(task_id, REST):
                if task is None:
                    self.write(": still there\n\n")
                else:
                    await self._tell(task, known)
                await self.flush()
        except StreamClosedError:
            return
        self.finish()

    async def _tell(self, task: Task, known: set[str]) -> None:
        plain = await self.front.run(shown, self.front.service, task)
        self._event("end" if task.state.is_final else "task", plain)
        if task.state is TaskState.RUNNING:
            part = await self.front.run(self._news, task, known)
            if part:
                self._event("series", part)

    def _news(self, task: Task, known: set[str]) -> dict[str, Any] | None:
        """Read the steps that became known; ``known`` has the times of those told already."""
        try:
            part = self.front.service.partial(task)
        except TaskError:  # ended meanwhile: that is the next event
            return None
        times = part["series"][0]["time"] if part["series"] else []
        fresh = [place for place, time in enumerate(times) if time not in known]
        known.update(times)
        if not fresh:
            return None
        names = ("time", "value", "valid_percent")
        series = [
            one | {name: [one[name][place] for place in fresh] for name in names}
            for one in part["series"]
        ]
        return part | {"series": series}

    def _event(self, name: str, value: object) -> None:
        text = self.front.without_paths(orjson.dumps(value).decode())
        self.write(f"event: {name}\ndata: {text}\n\n")


class Files(Api, Sender):  # type: ignore[misc]  # send() calls the get() of files
    """Files of results."""

    async def serve(self, path: dict[str, str]) -> None:
        """Send a file."""
        result = await self.front.run(self.front.service.result, checked_id(path["id"]), False)
        if path["name"] not in [one.name for one in result.files]:
            names = ", ".join(one.name for one in result.files)
            raise HTTPError(404, f"the result has no file {path['name']!r}; it has {names}")
        stem = await self.front.run(self._stem, path["id"])
        await self.send(result.folder / path["name"], stem + Path(path["name"]).suffix)

    def _stem(self, task_id: str) -> str:
        """Name the files of a result by what was asked; their addresses have its id."""
        asked = self.front.service.task(checked_id(task_id)).request
        step = str(asked.options.get("time_step", ""))
        return file_stem(asked.dataset, asked.operation, asked.area_title, asked.period, step)


class ResultFile(Files):
    """The result as JSON, or written anew as CSV, XLSX or NetCDF."""

    async def serve(self, path: dict[str, str]) -> None:
        """Send the result."""
        asked = ResultQuery.model_validate(self.query_values())
        if asked.partial:
            part = await self.front.run(self.front.service.partial, checked_id(path["id"]))
            self.set_header("Content-Type", "application/json")
            self.finish(orjson.dumps(part))
            return
        result = await self.front.run(self.front.service.result, checked_id(path["id"]), False)
        stem = await self.front.run(self._stem, path["id"])
        if asked.format == "json":
            await self.send(result.path, f"{stem}.json")
            return
        form = SERIES_FORMATS[asked.format]
        with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
            file = Path(folder) / f"result{form.ending}"
            await self.front.run(form.write, result, file)
            await self.send(file, f"{stem}{form.ending}")


def checked_id(text: str) -> str:
    """Return a task's id; only that of a UUID is ever looked for.

    Raises
    ------
    TaskNotFoundError : it is no UUID, so no task has it
    """
    try:
        return str(UUID(text))
    except ValueError:
        raise TaskNotFoundError(f"no task {text[:80]!r}; an id is a UUID") from None
