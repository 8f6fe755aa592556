"""The function that a worker runs to fetch data of a product."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from csserv.catalog import Catalog
from csserv.errors import FetchCancelledError, FetchError, TaskCancelledError
from csserv.ingest.fetch import Fetched, Progress
from csserv.ingest.open_fetch import Asked, Fetching
from csserv.ingest.products.product_table import Products
from csserv.outputs.durable import replace_file
from csserv.tasks.log.lock import FileLock
from csserv.tasks.work.attempt_context import AttemptContext
from csserv.tasks.work.reporting import PROGRESS, note_file, sender
from csserv.tasks.work.worker_log import logged

#: how often a fetch looks whether it is wanted still, and shows that it goes on [s]
PULSE = 1.0


@dataclass(frozen=True)
class FetchPlace:
    """Where data and tables lie, for a worker.

    Attributes
    ----------
    catalog : the user's own table of datasets
    provider_base : as the setting of that name
    """

    data: Path
    catalog: Path | None = None
    cache: Path | None = None
    provider_base: str | None = None


@logged
def fetch_files(context: AttemptContext, place: FetchPlace, name: str, asked: Asked) -> None:
    """Fetch what is lacking of a product.

    Raises
    ------
    FetchError : the provider does not answer, or steps did not come; what has come is kept
    TaskCancelledError : the work folder is gone: nobody wants it any more
    """
    stop = threading.Event()
    catalog = Catalog.read(place.data, place.catalog, place.cache)
    product = Products.read(place.provider_base)[name]
    fetching = Fetching(catalog, product, asked, stop)
    fetching.lock.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(fetching.lock)
    if not lock.try_acquire():
        raise FetchError(f"{name} is being fetched by another process; fetch when it has ended")
    try:
        with _pulse(context, stop) as told:
            done = fetching.run(fetching.plan(), told)
    except FetchCancelledError:
        raise TaskCancelledError(f"task {context.task} was given up") from None
    finally:
        lock.close()
    _check(name, done)


def _check(name: str, done: Fetched) -> None:
    if done.failures:
        first = done.failures[0]
        more = len(done.failures) - 1 + done.skipped
        others = f", and {more} more" if more else ""
        raise FetchError(
            f"{done.steps} steps of {name} came; not that of {first.start:%Y-%m-%d}{others}: "
            f"{first.why}"
        )


@contextmanager
def _pulse(context: AttemptContext, stop: threading.Event) -> Iterator[_Pulse]:
    """Send progress from time to time; stop the fetch when its work folder is gone."""
    pulse, ended = _Pulse(context), threading.Event()

    def beat() -> None:
        """Send and look, until all has ended."""
        while not ended.wait(PULSE):
            if not context.work.is_dir():
                stop.set()
            pulse.send()

    thread = threading.Thread(target=beat, name="csserv-fetch-pulse", daemon=True)
    thread.start()
    try:
        yield pulse
        pulse.send()
    finally:
        ended.set()
        thread.join()


class _Pulse:
    """The latest progress of a fetch."""

    def __init__(self, context: AttemptContext) -> None:
        self._context = context
        self._send = sender(PROGRESS)
        self._latest = Progress(0, 0, 0, "the provider is asked")
        self._written = 0

    def __call__(self, now: Progress) -> None:
        """Take note of progress."""
        self._latest = now
        note_file(now.doing)
        if now.every != self._written:
            replace_file(total_file(self._context.work), str(now.every).encode())
            self._written = now.every

    def send(self) -> None:
        """Send it to the runner."""
        now, context = self._latest, self._context
        share = now.done / now.every if now.every else 0.0
        about = {"task": context.task, "attempt": context.attempt}
        self._send(about | {"block": 0, "share": share})


def total_file(work: Path) -> Path:
    """Path of the file that says how many files there are to fetch."""
    return work / "total"
