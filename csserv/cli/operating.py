"""Commands for those who keep the machine up: run, workers, sample data, demo."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable

import click

from csserv.cli.group import as_json, main, with_given
from csserv.settings import Settings
from csserv.show import print_table


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
    from csserv.tasks.serve import run_tasks  # dask is slow to import

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("distributed").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    empty = threading.Event()
    if until_empty:
        empty.set()
    if with_parent:
        threading.Thread(target=_set_at_end_of_input, args=(empty.set,), daemon=True).start()
    own = with_given(settings, scheduler=scheduler, workers=workers)
    run_tasks(own, stop.is_set, empty.is_set, _say)


@main.command()
@click.option("--scheduler", help="Address of a dask scheduler.  [CSSERV_SCHEDULER]")
@as_json
@click.pass_obj
def workers(settings: Settings, scheduler: str | None, plain: bool) -> None:
    """List the workers of the dask scheduler."""
    from csserv.tasks.serve import list_workers  # dask is slow to import

    rows = list_workers(with_given(settings, scheduler=scheduler))
    print_table(rows, plain, ["name", "address", "threads", "running", "memory"])


@main.command("sample-data")
@click.pass_obj
def sample_data(settings: Settings) -> None:
    """Make the synthetic sample archive and copy the real samples, into CSSERV_DATA."""
    from csserv.demo import make_samples  # numpy and netCDF4 are slow to import

    make_samples(settings)


@main.command()
@click.pass_obj
def demo(settings: Settings) -> None:
    """Make the sample data, start a scheduler and two workers, and ask four questions."""
    from csserv.demo import run_demo  # dask is slow to import

    sys.exit(run_demo(settings))


def _set_at_end_of_input(act: Callable[[], None]) -> None:
    """Act when the process at the other end of our input ends, however it ends."""
    while sys.stdin.buffer.read(1024):
        pass
    act()


def _say(text: str) -> None:
    click.echo(text, err=True)
