"""Commands for operators: run tasks, list and stop workers, make sample data, run the demo."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import click

from csserv.cli.group import json_option, main, with_overrides
from csserv.cli.printing import print_table, worker_row
from csserv.errors import SettingsError, nearest
from csserv.machine.collection_pause import load_for_good
from csserv.settings import Settings
from csserv.tasks.cluster.worker_template import start_template
from csserv.tasks.work import LOADED

if TYPE_CHECKING:
    from csserv.tasks.cluster.cluster import Cluster
    from csserv.tasks.cluster.worker_info import WorkerInfo

#: how long a runner may take to end, less than systemd gives it [s]
LONGEST_END = 20.0

scheduler_option = click.option(
    "--scheduler",
    help="Address of a dask scheduler; else that of the runner.  [CSSERV_SCHEDULER]",
)


timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Wait no longer, also for a scheduler that is away; exit code 1 if one is still there.",
)


@main.command()
@click.option("--scheduler", help="Address of a dask scheduler.  [CSSERV_SCHEDULER]")
@click.option("--workers", type=int, help="Workers to start here without one.  [CSSERV_WORKERS]")
@click.option("--until-empty", is_flag=True, help="Stop when no task is left.")
@click.option("--with-parent", is_flag=True, hidden=True)
@click.pass_obj
def run(
    settings: Settings,
    scheduler: str | None,
    workers: int | None,
    until_empty: bool,
    with_parent: bool,
) -> None:
    """Run the tasks of the log, on a dask scheduler or on workers of this machine."""
    own = with_overrides(settings, scheduler=scheduler, workers=workers)
    if not own.scheduler:
        start_template(LOADED)
    with load_for_good():  # dask is slow to import
        from csserv.tasks.run.process import run_tasks

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _end_soon(stop))
    empty = threading.Event()
    if until_empty:
        empty.set()
    if with_parent:
        threading.Thread(target=_set_at_end_of_input, args=(empty.set,), daemon=True).start()
    run_tasks(own, stop.is_set, empty.is_set, logging.getLogger(__name__).info)


@main.command()
@scheduler_option
@json_option
@click.pass_obj
def workers(settings: Settings, scheduler: str | None, as_json: bool) -> None:
    """List the workers: uuid, host, state, current task, calls done, memory, start.

    One that is set aside gets no work, or none of a dataset, until it has proved itself: why stands
    in the last column.
    """
    from csserv.tasks.run.process import find_cluster  # dask is slow to import

    with find_cluster(with_overrides(settings, scheduler=scheduler)) as cluster:
        found = cluster.workers()
    rows = [asdict(one) if as_json else worker_row(one) for one in found]
    columns = ["uuid", "host", "state", "task", "done", "memory", "since", "set_aside"]
    print_table(rows, as_json, columns)


@main.command("stop-worker-by-uuid")
@click.option("--uuid", help="Which one; without it, they are listed.")
@click.option("--now", is_flag=True, help="Do not wait for what it does; it is done again.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until it is gone.")
@timeout_option
@scheduler_option
@click.pass_context
def stop_worker_by_uuid(
    ctx: click.Context,
    uuid: str | None,
    now: bool,
    wait: bool,
    timeout: float | None,
    scheduler: str | None,
) -> None:
    """Stop a worker once it has finished its current call, or now."""
    if uuid is None:
        ctx.invoke(workers, scheduler=scheduler, as_json=False)
        return
    limit = TimeLimit(timeout)
    with _awaited_cluster(with_overrides(ctx.obj, scheduler=scheduler), limit) as cluster:
        known = {one.uuid: one for one in cluster.workers()}
        if uuid not in known:
            close = nearest(uuid, known)
            raise SettingsError(
                f"no worker {uuid!r}"
                + (f"; did you mean {close[0]}?" if close else "")
                + f" ({len(known)} known; csserv workers lists them)"
            )
        _stop(cluster, [known[uuid]], now, wait, limit)


@main.command("stop-all-workers")
@click.option("--now", is_flag=True, help="Do not wait for what they do; it is done again.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until all are gone.")
@timeout_option
@scheduler_option
@click.pass_obj
def stop_all_workers(
    settings: Settings, now: bool, wait: bool, timeout: float | None, scheduler: str | None
) -> None:
    """Stop all workers, each once it has finished its current call; tasks wait for new ones.

    With --timeout, it names those that are still busy then; --now ends also those that hang.
    """
    limit = TimeLimit(timeout)
    with _awaited_cluster(with_overrides(settings, scheduler=scheduler), limit) as cluster:
        _stop(cluster, cluster.workers(), now, wait, limit)


@main.command("sample-data")
@click.pass_obj
def sample_data(settings: Settings) -> None:
    """Make the synthetic sample data and copy the real samples, into CSSERV_DATA."""
    from csserv.cli.demonstration import make_samples  # numpy and netCDF4 are slow to import

    make_samples(settings)


@main.command()
@click.pass_obj
def demo(settings: Settings) -> None:
    """Make the sample data, start a scheduler and two workers, and ask five questions."""
    from csserv.cli.demonstration import run_demo  # dask is slow to import

    sys.exit(run_demo(settings))


@dataclass(frozen=True)
class TimeLimit:
    """For how long a command may wait [s]; for ever if None."""

    seconds: float | None
    start: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        """Whether it has waited for so long."""
        return self.seconds is not None and time.monotonic() - self.start >= self.seconds


@contextmanager
def _awaited_cluster(settings: Settings, limit: TimeLimit) -> Iterator[Cluster]:
    """Open the cluster; within a time limit, also wait for a scheduler that is away."""
    from csserv.tasks.run.process import find_cluster  # dask is slow to import

    with ExitStack() as opened:
        while True:
            try:
                cluster = opened.enter_context(find_cluster(settings))
                break
            except SettingsError:
                if limit.seconds is None or limit.is_over:
                    raise
                time.sleep(1.0)
        yield cluster


def _stop(
    cluster: Cluster, chosen: Sequence[WorkerInfo], now: bool, wait: bool, limit: TimeLimit
) -> None:
    """Stop workers, and print when each of them has ended; name those that have not in time."""
    addresses = {one.address: one for one in chosen}
    (cluster.close if now else cluster.drain)(list(addresses))
    for one in chosen:
        doing = f", which finishes task {one.task}" if one.task and not now else ""
        click.echo(f"stopping {one.uuid}{doing}")
    while wait and addresses:
        time.sleep(0.2)
        # missing from two lists: one that is closing may be listed again for a moment
        for address in cluster.missing(addresses):
            click.echo(f"{addresses.pop(address).uuid} has stopped")
        if addresses and limit.is_over:
            _tell_of_those_left(cluster, addresses, limit)
            sys.exit(1)


def _tell_of_those_left(cluster: Cluster, addresses: Collection[str], limit: TimeLimit) -> None:
    for one in cluster.workers():
        if one.address in addresses:
            doing = f", works on task {one.task}" if one.task else ""
            said = "does not answer" if one.state == "silent" else f"is {one.state}{doing}"
            click.echo(f"{one.uuid} has not stopped in {limit.seconds:g} s: it {said}", err=True)
    click.echo("csserv stop-all-workers --now ends also those that hang", err=True)


def _end_soon(stop: threading.Event) -> None:
    """Stop in good order, but not for ever: what was claimed is queued again in any case."""
    stop.set()
    timer = threading.Timer(LONGEST_END, os._exit, [1])
    timer.daemon = True
    timer.start()


def _set_at_end_of_input(act: Callable[[], None]) -> None:
    """Call a function when the process that writes to our input ends, however it ends."""
    # not by sys.stdin: a thread that waits in it aborts the process at its own end
    while os.read(sys.stdin.fileno(), 1024):
        pass
    act()
