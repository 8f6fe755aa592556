"""The demo: makes sample data, starts the processes, and runs five requests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

import click
from rich.console import Console
from rich.progress import Progress

from csserv.catalog.samples.many_years import build_many_years
from csserv.catalog.samples.real import copy_real_samples
from csserv.catalog.samples.synthetic import build_sample_archive
from csserv.cli.printing import print_table, show_progress
from csserv.errors import CsservError
from csserv.request import Area, Options
from csserv.service import Service
from csserv.settings import Settings
from csserv.tasks.log.task import Task, TaskState

#: label → dataset, operation, area, period of a request
DEMO_REQUESTS: dict[str, tuple[str, str, Area | str, str]] = {
    "sea temperature, Gulf of Guinea (real)": (
        "ostia",
        "mean",
        Area.from_box(-8.0, -5.0, 8.0, 4.5),
        "2006/2010",
    ),
    "rain over Kenya (synthetic)": ("chirps", "mean", "Kenya", "2019/2021"),
    "rain by unit of Kenya (synthetic)": ("chirps", "mean", "Kenya/*", "2019/2021"),
    "rain maps of Rift Valley, Kenya (synthetic)": (
        "chirps",
        "geotiff",
        "Kenya/Rift Valley",
        "2020-04",
    ),
}

#: how a season is compared with what is normal; its answer is told in a sentence
OF_NORMAL = "was it dry in the north-east of Kenya? (synthetic)"
NORMAL_REQUEST = ("synthetic_rain", "mean", "Kenya/North-Eastern", "2011-03/2011-05")
NORMAL_OPTIONS = Options(time_step="seasonal", against="1991/2020")

NEXT_STEPS = """
What to try next:
  csserv submit chirps mean --area "Kenya/Rift Valley" --period 2020 --wait
  csserv submit synthetic_rain mean --area Kenya --period 2024-05 --against default --wait
  csserv tasks
  csserv datasets
  csserv --help"""


def make_samples(settings: Settings) -> None:
    """Make the synthetic archive and copy the real samples, with a progress bar."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bars:
        line = bars.add_task("making synthetic sample data", total=None)

        def show(done: int, total: int) -> None:
            bars.update(line, completed=done, total=total)

        made = build_sample_archive(settings.data, show) + build_many_years(settings.data)
    real = copy_real_samples(settings.data)
    console.print(f"{len(made)} synthetic and {len(real)} real files in {settings.data}")
    if not real:
        console.print("for the real samples: pip install 'csserv[samples]'")


def run_demo(settings: Settings) -> int:
    """Run the requests and print a table of results; return the exit code."""
    console = Console(stderr=True)
    make_samples(settings)
    with ExitStack() as stack:
        service = stack.enter_context(Service(settings, starts_runner=False))
        if not service.has_runner():
            console.print("starting a dask scheduler, two workers and a runner")
            stack.enter_context(_processes(settings))
            _await_runner(service)
        started = time.monotonic()
        tasks = {label: service.submit(*request) for label, request in DEMO_REQUESTS.items()}
        tasks[OF_NORMAL] = service.submit(*NORMAL_REQUEST, options=NORMAL_OPTIONS)
        show_progress(service, *tasks.values())
        seconds = time.monotonic() - started
        ended = {label: service.task(task) for label, task in tasks.items()}
        rows = [_row(service, label, task) for label, task in ended.items()]
        sentence = _sentence(service, ended[OF_NORMAL])
    print_table(rows, False, ["question", "state", "seconds", "answer", "files"])
    if sentence:
        click.echo(f"\n{sentence}")
    steps = sum(task.total for task in ended.values())
    click.echo(f"\n{steps} maps read and reduced in {seconds:.1f} s")
    click.echo(NEXT_STEPS)
    return 0 if all(task.state is TaskState.SUCCEEDED for task in ended.values()) else 1


@contextmanager
def _processes(settings: Settings) -> Iterator[None]:
    """Start a scheduler, two workers and a runner as processes; stop them at the end."""
    port = _free_port()
    address = f"tcp://127.0.0.1:{port}"
    csserv = [sys.executable, "-m", "csserv"]
    commands = [
        [*csserv, "start-scheduler", "--port", str(port)],
        [*csserv, "start-worker", "--scheduler", address],
        [*csserv, "start-worker", "--scheduler", address],
        [*csserv, "run", "--scheduler", address],
    ]
    with ExitStack() as stack:
        output = stack.enter_context((settings.home / "demo.log").open("ab"))
        running: list[subprocess.Popen[bytes]] = []
        stack.callback(_stop, running)
        for command in commands:
            running += [_start(command, settings, output)]
        yield


def _start(command: list[str], settings: Settings, output: IO[bytes]) -> subprocess.Popen[bytes]:
    own = {"CSSERV_HOME": str(settings.home), "CSSERV_DATA": str(settings.data)}
    return subprocess.Popen(
        command, stdout=output, stderr=output, env=os.environ | own, cwd=settings.home
    )


def _stop(running: list[subprocess.Popen[bytes]]) -> None:
    """Stop the runner first, the scheduler last."""
    for process in reversed(running):
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_runner(service: Service, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not service.has_runner():
        if time.monotonic() > end:
            raise CsservError(f"the runner did not start; see {service.settings.home}/demo.log")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _sentence(service: Service, task: Task) -> str:
    if task.state is not TaskState.SUCCEEDED:
        return ""
    return service.result(task).in_words()


def _row(service: Service, label: str, task: Task) -> dict[str, str]:
    row = {"question": label, "state": str(task.state), "seconds": f"{task.seconds:.1f}"}
    if task.state is not TaskState.SUCCEEDED:
        return row | {"answer": task.error or "", "files": ""}
    result = service.result(task)
    series = result.to_xarray()
    zones = f"{series.sizes.get('zone', 1)} zone(s), " if "zone" in series.dims else ""
    mean = float(series.mean())
    return row | {
        "answer": f"{zones}{series.sizes['time']} steps, mean {mean:.2f} {result.json['units']}",
        "files": "\n".join(str(path) for path in result.files),
    }
