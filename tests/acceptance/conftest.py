"""Real dask processes, started as an administrator would."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from csserv import Settings
from csserv.catalog.samples.synthetic import SampleSpec, build_sample_archive
from tests import test_cli as cli
from tests.made_once import own_copy
from tests.processes import eventually
from tests.slow_disk import SlowDisk, write_slow

PYTHON = [sys.executable, "-m"]
SAMPLE = SampleSpec(west=33, south=-6, east=43, north=6, cell=0.05, years=(2019,), forecast_days=5)


@dataclass
class Site:
    """A home, the sample data, a scheduler, and the command line on them."""

    settings: Settings
    scheduler: str

    @property
    def environment(self) -> dict[str, str]:
        own = {"CSSERV_HOME": str(self.settings.home), "CSSERV_DATA": str(self.settings.data)}
        return {k: v for k, v in os.environ.items() if not k.startswith("CSSERV_")} | own

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*PYTHON, "csserv", *words],
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PYTHON, "csserv", *words],
            env=self.environment,
            text=True,
            capture_output=True,
            check=False,
            timeout=120,
        )

    def run_until_empty(self) -> None:
        done = self.call("run", "--scheduler", self.scheduler, "--until-empty")
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = own_copy(tmp_path_factory, "fine", partial(build_sample_archive, spec=SAMPLE))
    write_slow(folder)
    return folder


@pytest.fixture
def slow_disk(sample: Path) -> Iterator[SlowDisk]:
    """Let ``tests.slow_disk.LONG`` last, until a test says that it may end."""
    disk = SlowDisk(sample)
    yield disk
    disk.end()


@pytest.fixture(scope="package")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One for all modules, with two workers: leave it as it was found."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    worker = [*PYTHON, "csserv", "start-worker", "--scheduler", address]
    commands = [
        [*PYTHON, "csserv", "start-scheduler", "--port", str(port)],
        [*worker, "--name", "hand-1"],
        # as how_to/run_a_server has it for those who have dask workers already
        [*PYTHON, "dask", "worker", address, "--no-dashboard", "--name", "hand-2"],
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = [subprocess.Popen(command, **quiet) for command in commands]
    folder = tmp_path_factory.mktemp("scheduler")
    settings = Settings(home=folder / "home", data=folder / "data")

    def are_there() -> bool:
        # in this process: one of its own would read code for a second of CPU each time
        done = cli.call(settings, "workers", "--json", "--scheduler", address)
        names = {"hand-1", "hand-2"}
        return done.exit_code == 0 and {one["uuid"] for one in json.loads(done.stdout)} == names

    eventually(are_there, 120, "the workers did not come", pause=0.2)
    yield address
    for process in reversed(running):
        process.terminate()
        process.wait(60)


@pytest.fixture
def site(tmp_path: Path, sample: Path, scheduler: str) -> Iterator[Site]:
    site = Site(Settings(home=tmp_path / "home", data=sample), scheduler)
    yield site
    shutil.rmtree(site.settings.home, ignore_errors=True)
