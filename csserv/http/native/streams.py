"""Handlers of the native API that stream: events of a task, and files of its result."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from csserv.errors import TaskError, TaskNotFoundError
from csserv.http.compression import compress_file
from csserv.http.file_sender import FileSender
from csserv.http.native.actions import task_document
from csserv.http.native.api import ApiHandler
from csserv.http.native.given_models import ResultQuery
from csserv.http.native.sent_steps import SentSteps
from csserv.outputs.document.compact_form import WHOLE
from csserv.outputs.formats.series_files import SERIES_FORMATS
from csserv.outputs.result import Result
from csserv.outputs.result_json import check_document, copy_whole, is_compact
from csserv.outputs.series import pick_steps
from csserv.tasks.log.task import Task, TaskState

#: silence after which a comment is sent, so that no proxy ends the connection [s]
KEEP_ALIVE = 15.0

#: how long a browser waits before it opens a broken stream again [ms]
RETRY = 2000


class EventStream(ApiHandler):
    """Server-sent events of a task, from its state now to its end.

    The event ``task`` holds the task; ``series`` the steps computed since the last such event, in
    the form of a result; ``end``, the last event, the task as it ended. The id of an event says
    which steps were sent: a stream that is opened again goes on with the others.
    """

    async def serve(self, path: dict[str, str]) -> None:
        """Send events until the task ends or the caller disconnects."""
        task_id = checked_id(path["id"])
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        self._sent = SentSteps.parse(self.request.headers.get("Last-Event-ID", ""))
        self.write(f"retry: {RETRY}\n\n")
        try:
            async for task in self.context.task_changes.follow(task_id, KEEP_ALIVE):
                if task is None:
                    self.write(": still there\n\n")
                else:
                    await self._tell(task)
                await self.flush()
        except StreamClosedError:
            return
        self.finish()

    async def _tell(self, task: Task) -> None:
        plain = await self.context.run_read(task_document, self.context.service, task)
        self._event("end" if task.state.is_final else "task", plain)
        if task.state is TaskState.RUNNING:
            part = await self.context.run_read(self._new_steps, task)
            if part:
                self._event("series", part)

    def _new_steps(self, task: Task) -> dict[str, Any] | None:
        """Read the steps that were not sent yet."""
        try:
            part = self.context.service.partial(task)
        except TaskError:  # ended meanwhile: that is the next event
            return None
        runs = [(first, first + count) for first, count in part.get("runs", ())]
        numbers = [number for first, end in runs for number in range(first, end)]
        fresh = [place for place, number in enumerate(numbers) if number not in self._sent]
        self._sent = self._sent.plus(runs)
        if not fresh:
            return None
        steps = {"steps": pick_steps(part["steps"], fresh)} if "steps" in part else {}
        return part | steps | {"series": [pick_steps(one, fresh) for one in part["series"]]}

    def _event(self, name: str, value: object) -> None:
        text = self.context.without_paths(orjson.dumps(value).decode())
        self.write(f"event: {name}\nid: {self._sent}\ndata: {text}\n\n")


class StoredFile(ApiHandler, FileSender):  # type: ignore[misc]  # send() calls the get() of files
    """A file of a result, as it lies on disk."""

    async def serve(self, path: dict[str, str]) -> None:
        """Send the file."""
        result = await self.context.run_read(self._result, path["id"])
        if path["name"] not in [one.name for one in result.files]:
            names = ", ".join(one.name for one in result.files)
            raise HTTPError(404, f"the result has no file {path['name']!r}; it has {names}")
        stem = await self.context.run_read(self._stem, path["id"])
        await self.send(result.folder / path["name"], stem + Path(path["name"]).suffix)

    def _result(self, task_id: str) -> Result:
        """Return a result whose JSON is as it was written."""
        result = self.context.service.result(checked_id(task_id), False)
        check_document(result.path)
        return result

    def _stem(self, task_id: str) -> str:
        """Return the name of the files of a result, without ending, made of its request."""
        return self.context.service.task(checked_id(task_id)).request.file_stem


class ConvertedResult(StoredFile):
    """A result as JSON, or converted to CSV, XLSX, NetCDF or Parquet."""

    async def serve(self, path: dict[str, str]) -> None:
        """Send the result."""
        query = ResultQuery.model_validate(self.query_values())
        task = await self.context.run_read(self.context.service.task, checked_id(path["id"]))
        if query.partial and not task.state.is_final:
            part = await self.context.run_read(self.context.service.partial, checked_id(path["id"]))
            self.set_header("Content-Type", "application/json")
            await self.finish_text(await self.context.run_read(orjson.dumps, part))
            return
        result = await self.context.run_read(self._result, path["id"])
        stem = await self.context.run_read(self._stem, path["id"])
        if query.partial or query.format == "json":
            await self._send_json(result.path, int(query.version), f"{stem}.json")
            return
        form = SERIES_FORMATS[query.format]
        write = partial(form.write, result)
        kept = self.context.derived_files
        file = await self.context.run_read(kept.get, result.path.stem, form.ending, write)
        await self.send(file, f"{stem}{form.ending}")

    async def _send_json(self, path: Path, version: int, name: str) -> None:
        """Send a result as it is stored, or in the first form, which all programs know."""
        kept, ending = partial(self.context.derived_files.get, path.stem), ".json"
        if version == WHOLE and await self.context.run_read(is_compact, path):
            ending = ".whole.json"
            path = await self.context.run_read(kept, ending, partial(copy_whole, path))
        packed = partial(kept, f"{ending}.gz", partial(compress_file, path))
        await self.send_packed(path, packed, name)


def checked_id(text: str) -> str:
    """Return the id of a task in its usual spelling.

    Raises
    ------
    TaskNotFoundError : the text is no UUID, so no task has it
    """
    try:
        return str(UUID(text))
    except ValueError:
        raise TaskNotFoundError(f"no task {text[:80]!r}; an id is a UUID") from None
