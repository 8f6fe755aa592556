"""The runner's process: waits to lead the log, opens the cluster, and runs tasks until stopped."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from csserv.catalog import Catalog
from csserv.catalog.header_store.patient_reader import library_trouble
from csserv.errors import CsservError, SettingsError, TaskLogError
from csserv.logs import event
from csserv.machine.patience import Patience
from csserv.machine.sd_notify import notify
from csserv.outputs.durable import replace_file
from csserv.settings import Settings
from csserv.tasks.cluster.cluster import Cluster
from csserv.tasks.cluster.connection import open_cluster
from csserv.tasks.cluster.security import (
    find_certificates,
    make_own_certificates,
    read_security,
)
from csserv.tasks.log.retention import Retention
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.fetching.fetch_clock import FetchClock, FetchTimes
from csserv.tasks.run.leadership import Leadership, is_led, lead
from csserv.tasks.run.observer import note_start
from csserv.tasks.run.runner import Runner
from csserv.tasks.work import LOADED

logger = logging.getLogger(__name__)

#: pause before connecting to a lost scheduler again [s]
RETRY = 1.0


def run_tasks(
    settings: Settings,
    should_stop: Callable[[], bool],
    stops_when_empty: Callable[[], bool],
    say: Callable[[str], None],
) -> None:
    """Lead the log and run its tasks, until stopped or until the log's folder is removed.

    Who has lost the lead, because it hung, stands by again.

    Parameters
    ----------
    should_stop : stop now; running tasks are queued again
    stops_when_empty : stop as soon as no task is queued or running
    say : called with messages for the operator
    """
    log = TaskLog(settings.home)

    def over(busy: bool) -> bool:
        """Whether to stop; ``busy`` says whether a task is running."""
        return should_stop() or (stops_when_empty() and not busy and log.is_idle())

    def wait() -> None:
        """Say that another runner leads."""
        say(f"another runner leads {log.path}; standing by")

    notify("READY=1")
    while leadership := lead(log, settings.lease_seconds, lambda: over(False), wait):
        number = leadership.number
        event(logger, "leader taken", home=str(settings.home), number=number)
        try:
            _Term(settings, log, leadership, over, say).run()
        except (TaskLogError, OSError):
            if not leadership.is_lost():  # a full disk, or another trouble that may pass
                raise
        finally:
            is_lost, is_homeless = leadership.is_lost(), leadership.is_homeless()
            leadership.close()
            level = logging.WARNING if is_lost else logging.INFO
            event(logger, "leader left", level=level, number=number, lost=is_lost)
        if not is_lost:
            break
        if is_homeless:
            say(f"the folder {settings.home} was removed or moved; its runner ends with it")
            break
        say(f"this runner hung, and another one leads {log.path} now")
    notify("STOPPING=1")


@dataclass(frozen=True)
class _Term:
    """What a runner does as long as it leads."""

    settings: Settings
    log: TaskLog
    leadership: Leadership
    over: Callable[[bool], bool]
    say: Callable[[str], None]
    patience: Patience = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "patience", Patience(self.settings.file_timeout))

    def run(self) -> None:
        """Run tasks until stopped, or until the leadership is lost."""
        with self.leadership.kept():
            _address_file(self.settings.home).unlink(missing_ok=True)  # left by a killed runner
            retention = Retention(self.log, self.settings.keep_days)
            retention.recover()
        connected = False
        while not self._is_over(False):
            note_start(self.settings.home)
            try:
                with self._cluster() as cluster:
                    connected = True
                    self._run_on(cluster, retention)
            except SettingsError as error:
                if not connected:
                    raise
                self.say(f"{error}; trying again")
                time.sleep(RETRY)
        if trouble := library_trouble(self.patience):
            raise CsservError(f"{trouble}; it ends, to be started again")

    def _is_over(self, busy: bool) -> bool:
        """Leave a sign of life, and say whether to stop."""
        self.leadership.beat(self.patience.silences())
        return self.leadership.is_lost() or self.over(busy) or bool(library_trouble(self.patience))

    @contextmanager
    def _cluster(self) -> Iterator[Cluster]:
        """Open the cluster; both opening and closing it may take long."""
        with ExitStack() as opened:
            with self.leadership.kept():
                cluster = opened.enter_context(open_cluster_of(self.settings))
            try:
                yield cluster
            finally:
                with self.leadership.kept():
                    opened.close()

    def _run_on(self, cluster: Cluster, retention: Retention) -> None:
        """Run tasks on a cluster, until its scheduler is lost."""
        settings, log = self.settings, self.log
        count = len(cluster.addresses())
        self.say(f"running the tasks of {log.path} on {cluster.address} ({count} workers)")
        with _published(settings.home, cluster.address):
            catalog = Catalog.read(settings.data, settings.catalog, settings.cache, self.patience)
            lease, deadline = settings.lease_seconds, settings.block_deadline
            runner = Runner(
                catalog,
                log,
                cluster,
                lease,
                retention,
                self.patience,
                deadline,
                settings,
                _fetch_clock(settings, log, catalog),
            )
            runner.run(self._is_over)


def _fetch_clock(settings: Settings, log: TaskLog, catalog: Catalog) -> FetchClock | None:
    """Return what has data fetched by the clock; None where nothing is to be fetched."""
    times = FetchTimes(settings.fetch)
    if not times.of_day:
        return None

    def queue(failed_since: datetime | None) -> None:
        """Queue a task for each product that is kept up to date, or for those that failed."""
        from csserv.tasks.run.fetching.fetch_queue import queue_fetches

        queue_fetches(settings, log, catalog, failed_since)

    return FetchClock(times, settings.home / "fetched-at", queue)


@contextmanager
def open_cluster_of(settings: Settings) -> Iterator[Cluster]:
    """Open the cluster that the settings describe."""
    tls = settings.tls
    if settings.scheduler is None and tls is None:
        tls = make_own_certificates(settings.home)
    security = read_security(tls)
    with open_cluster(
        settings.scheduler, settings.workers, settings.memory_limit, security, LOADED
    ) as cluster:
        yield cluster


@contextmanager
def find_cluster(settings: Settings) -> Iterator[Cluster]:
    """Open the cluster of the settings' scheduler, or else that of the runner of this home.

    Raises
    ------
    SettingsError : no scheduler is set and no runner leads, or none answers
    """
    address = find_address(settings)
    with open_cluster_at(settings, address) as cluster:
        yield cluster


def find_address(settings: Settings) -> str:
    """Return the address of the scheduler that :func:`find_cluster` connects to.

    Raises
    ------
    SettingsError : no scheduler is set, and no runner leads or it has no workers yet
    """
    if settings.scheduler:
        return settings.scheduler
    if not is_led(settings.home):
        raise SettingsError(
            f"no scheduler is set, and no runner works in {settings.home}; "
            "give --scheduler or CSSERV_SCHEDULER, e.g. tcp://127.0.0.1:8786"
        )
    try:
        return _address_file(settings.home).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise SettingsError(
            f"the runner in {settings.home} has no workers yet: it starts them now, or looks for "
            "its scheduler; look again in some seconds"
        ) from None


@contextmanager
def open_cluster_at(settings: Settings, address: str) -> Iterator[Cluster]:
    """Connect to the scheduler at an address; no workers are started."""
    tls = find_certificates(settings.tls, settings.home, address)
    own = read_security(tls) if address.startswith("tls:") else None
    with open_cluster(address, 1, settings.memory_limit, own) as cluster:
        yield cluster


@contextmanager
def _published(home: Path, address: str) -> Iterator[None]:
    """Write the scheduler's address to a file, for those who want to see its workers."""
    path = _address_file(home)
    replace_file(path, address.encode(), private=True)
    try:
        yield
    finally:
        with suppress(OSError):
            if path.read_bytes() == address.encode():  # not that of a runner that took over
                path.unlink()


def _address_file(home: Path) -> Path:
    return home / "scheduler"
