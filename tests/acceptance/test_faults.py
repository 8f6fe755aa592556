"""Faults, one by one, in real processes: each task ends once, and its result is whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import netCDF4
import numpy as np
import pytest

from csserv import Area, Service, Settings, Task, TaskState
from csserv.tasks.cluster.connection import open_cluster
from tests.acceptance.server import ROOT, Server, started
from tests.files import write_granule
from tests.processes import CSSERV, environment, eventually, has_ended
from tests.slow_disk import LONG, SlowDisk


@pytest.fixture
def settings(tmp_path: Path, sample: Path) -> Settings:
    return Settings(home=tmp_path / "home", data=sample)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Iterator[Server]:
    """A server that one fault after the other befalls: to start one takes ten seconds."""
    home = tmp_path_factory.mktemp("shared") / "home"
    with started(Settings(home=home, data=sample)) as server:
        yield server


@pytest.fixture
def server(shared: Server) -> Iterator[Server]:
    """It, once it has recovered from the last one."""
    with shared.for_a_test(workers=2):
        yield shared
    if "runner" not in shared.processes.commands:
        shared.start_runner()


def submitted(server: Server) -> Task:
    return server.service.submit(*LONG)


def answer(service: Service, task: Task) -> list[float]:
    """Day by day, the values."""
    return service.result(task).to_dataframe()["value"].tolist()


@pytest.fixture(scope="module")
def expected(shared: Server) -> list[float]:
    """What the long task gives when nothing befalls it."""
    shared.until_whole(2)
    return answer(shared.service, shared.service.submit(*LONG))


def test_killed_worker_costs_a_block_and_not_the_attempt(
    server: Server, expected: list[float], slow_disk: SlowDisk
):
    task = submitted(server)
    for steps in (20, 150):
        server.until_running(task, steps)
        server.worker_process("worker 1").kill()
    slow_disk.end()
    ended = server.ends(task)
    assert ended.attempt == 1
    assert answer(server.service, task) == expected


def test_worker_killed_while_it_assembles_is_replaced(server: Server):
    work = server.settings.home / "work"
    workers = [server.worker_process(f"worker {i}") for i in (1, 2)]
    # 13 million cells are compressed: that takes a second or more
    task = server.service.submit("chirps", "netcdf", Area.from_box(33.5, -5, 42.5, 5), "2019")
    eventually(lambda: list(work.glob("*/draft-*/*.nc")), 60, "nothing is assembled", 0.002)
    for worker in workers:
        worker.kill()
    assert server.ends(task).attempt == 1
    assert len(server.service.result(task).files) == 2


def test_killed_nanny_takes_its_worker_along_and_the_task_goes_on(
    server: Server, expected: list[float], slow_disk: SlowDisk
):
    task = submitted(server)
    server.until_running(task, 20)
    worker = server.worker_process("worker 1")
    server.processes.kill("worker 1")
    eventually(lambda: has_ended(worker), 60, "the worker outlives its nanny")
    slow_disk.end()
    server.ends(task)
    assert answer(server.service, task) == expected


def test_restarted_scheduler_costs_no_attempt(
    server: Server, expected: list[float], slow_disk: SlowDisk
):
    task = submitted(server)
    for steps in (20, 60):
        server.until_running(task, steps)
        server.processes.kill("scheduler")
    slow_disk.end()
    ended = server.ends(task)
    assert ended.attempts - ended.attempt == 2, ended  # three may still fail, as at first
    assert answer(server.service, task) == expected


def test_killed_runner_is_followed_by_the_one_that_stands_by(
    server: Server, expected: list[float], slow_disk: SlowDisk
):
    server.start_runner("runner 2")
    task = submitted(server)
    server.until_running(task, 20)
    server.processes.kill("runner")
    server.until_running(task, 20)
    slow_disk.end()
    ended = server.ends(task)
    assert ended.attempt == 2
    assert answer(server.service, task) == expected


def test_killed_submitter_can_ask_again(server: Server):
    chance = random.Random(7)
    ids = [str(uuid4()) for _ in range(4)]
    own = environment({"home": server.settings.home, "data": server.settings.data})
    before = {task.id for task in server.service.tasks()}
    words = ["chirps", "mean", "--box", "35", "-1", "36", "0", "--period", "2019-03"]
    for task_id in ids:
        command = [*CSSERV, "submit", *words, "--uuid", task_id]
        first = subprocess.Popen(command, env=own, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.5, 1.6))
        first.send_signal(signal.SIGKILL)
        first.wait()
        again = subprocess.run(command, env=own, text=True, capture_output=True, check=True)
        assert again.stdout.strip() == task_id
    assert sorted(task.id for task in server.service.tasks() if task.id not in before) == sorted(
        ids
    )
    for task_id in ids:
        server.ends(server.service.task(task_id))


def test_two_hundred_mixed_tasks_at_once_on_two_workers(server: Server):
    areas: list[Area | str] = ["Kenya", "Kenya/*", Area.from_box(35, -1, 38, 2)]
    periods = ["2019-03", "2019-01/2019-02", "2019-06-10"]
    tasks = [
        server.service.submit("chirps", operation, areas[i % 3], periods[i % 3], client=f"c{i % 5}")
        for i in range(30)
        for operation in ("mean", "max", "median", "netcdf", "geotiff")
    ]
    ended = [server.ends(task) for task in tasks]
    assert {task.attempt for task in ended} == {1}
    assert all(server.service.result(task).json["series"] for task in ended)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _swap_for_text(path: Path) -> None:
    path.write_text("This is no NetCDF file.\n" * 1000)


def _make_unreadable(path: Path) -> None:
    path.chmod(0)
    if os.access(path, os.R_OK):  # root reads everything but a folder
        path.unlink()
        path.mkdir()


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Iterator[Server]:
    """A server whose data are spoilt, month by month."""
    folder = tmp_path_factory.mktemp("spoilt")
    shutil.copytree(sample / "chirps", folder / "data" / "chirps")
    shutil.copy(sample / "datasets.toml", folder / "data")
    with started(Settings(home=folder / "home", data=folder / "data"), workers=1) as server:
        yield server


@pytest.mark.parametrize(
    ("month", "spoil"),
    [("02", _truncate), ("04", _swap_for_text), ("06", _make_unreadable), ("08", Path.unlink)],
)
def test_spoilt_granule_is_named_and_others_go_on(
    spoilt: Server, month: str, spoil: Callable[[Path], None]
):
    spoilt.processes.end("runner")
    bad = spoilt.service.submit("chirps", "mean", "Kenya", f"2019-{month}")
    chirps = spoilt.settings.data / "chirps"
    spoil(chirps / f"ucsb-chirps.eastafrica.0.05deg.daily.2019{month}.nc4")
    spoilt.start_runner()
    ended = spoilt.ends(bad, TaskState.FAILED)
    assert f"2019{month}.nc4" in str(ended.error)
    assert "Traceback" not in str(ended.error)
    good = spoilt.service.submit("chirps", "mean", "Kenya", "2019-03")
    spoilt.ends(good)


def test_worker_over_its_memory_limit_is_the_reason_and_others_go_on(tmp_path: Path):
    """A file whose one storage chunk takes more memory than a worker may use."""
    side, days = 480, 400
    lat, lon = 24 - np.arange(side) / 10, 10 + np.arange(side) / 10
    write_large(tmp_path / "data" / "huge" / "huge.nc", days, lat, lon)
    small = np.ones((3, 20, 20), "f4")
    write_granule(tmp_path / "data" / "rain" / "rain.nc", small, lat[:20], lon[:20])
    table = '[{0}]\ntitle = "{0}"\nvariable = "rain"\nfiles = "{0}/*.nc"\nunits = "mm/day"\n'
    (tmp_path / "own.toml").write_text(table.format("huge") + table.format("rain"))
    settings = Settings(
        home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml"
    )
    with started(settings, workers=0) as server:
        for number in (1, 2):
            server.start_worker(f"worker {number}", "--memory-limit", "420MiB")
        place = Area.from_box(10, -23, 57, 23)
        tasks = [server.service.submit("huge", "mean", place, "2019-01-01/2020-01-31")]
        corner = Area.from_box(10, 23, 11, 24)
        tasks += [server.service.submit("rain", "mean", corner, "2019") for _ in range(3)]
        ended = server.ends(tasks[0], TaskState.FAILED)
        assert "memory limit (420 MiB) while it worked on huge.nc, 3 times" in str(ended.error)
        for task in tasks[1:]:
            server.ends(task)


def write_large(path: Path, days: int, lat: np.ndarray, lon: np.ndarray) -> None:
    path.parent.mkdir(parents=True)
    with netCDF4.Dataset(path, "w") as data:
        for name, values, units in (
            ("time", np.arange(days), "days since 2019-01-01"),
            ("lat", lat, "degrees_north"),
            ("lon", lon, "degrees_east"),
        ):
            data.createDimension(name, len(values))
            variable = data.createVariable(name, "f8", (name,))
            variable.units = units
            variable[:] = values
        shape = (days, len(lat), len(lon))
        rain = data.createVariable(
            "rain", "f4", ("time", "lat", "lon"), zlib=True, complevel=1, chunksizes=shape
        )
        rain.units = "mm/day"
        rain[:] = np.ones(shape, "f4")


CLOCK = """
import datetime, sys, threading, time
from pathlib import Path
import time_machine
from csserv.cli import main

def set_clock():
    while not Path(sys.argv[1]).exists():
        time.sleep(0.05)
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=float(sys.argv[2]))
    time_machine.travel(moment, tick=True).start()
    print("the clock is set", flush=True)

threading.Thread(target=set_clock, daemon=True).start()
main(sys.argv[3:])
"""


@pytest.mark.parametrize("hours", [-1, 1])
def test_clock_set_by_an_hour_changes_nothing(
    server: Server, tmp_path: Path, expected: list[float], slow_disk: SlowDisk, hours: int
):
    server.processes.end("runner")
    words = ["run", "--scheduler", server.address]
    command = [sys.executable, "-c", CLOCK, str(tmp_path / "now"), str(hours), *words]
    name = f"runner whose clock is set by {hours}"
    server.processes.start(name, command)
    tasks = [submitted(server), server.service.submit(*LONG[:3], "2019-01/2019-06")]
    server.until_running(tasks[0], 20)
    (tmp_path / "now").touch()
    eventually(lambda: "the clock is set" in server.processes.said(name))
    slow_disk.end()
    for task, days in zip(tasks, (365, 181), strict=True):
        ended = server.ends(task)
        assert ended.attempt == 1
        assert answer(server.service, task) == expected[:days]
    assert server.processes.said(name).count("succeeded") == 2


FULL = """
import json, os, subprocess, sys
from pathlib import Path
from csserv import Area, Service, Settings
from csserv.errors import TaskLogError
from tests.acceptance.test_faults import CSSERV, environment

home, data = Path(sys.argv[1]) / "home", Path(sys.argv[2])
box = Area.from_box(34, -4, 42, 4)
said = {}

def run():
    own = environment({"home": home, "data": data, "workers": 1})
    words = [*CSSERV, "run", "--until-empty"]
    said["code"] = subprocess.run(words, env=own, timeout=120).returncode

with Service(Settings(home=home, data=data), starts_runner=False) as service:
    large = service.submit("chirps", "netcdf", box, "2019")
    small = service.submit("chirps", "mean", box, "2019-03")
    run()
    said["large"] = service.task(large).to_dict()
    said["small"] = service.task(small).to_dict()
    ballast = home / "ballast"
    handle = os.open(ballast, os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(handle, b"x" * 512)
    except OSError:
        os.close(handle)
    try:
        service.submit("chirps", "mean", Area.from_box(35, 0, 36, 1), "2019-03")
    except TaskLogError as error:
        said["refused"] = str(error)
    count = len(service.tasks())
    ballast.unlink()
    again = service.submit("chirps", "mean", Area.from_box(35, 0, 36, 1), "2019-03")
    run()
    said["again"] = service.task(again).to_dict()
    said["count"] = [count, len(service.tasks())]
    said["work"] = [str(path) for path in (home / "work").iterdir()]
    json.loads(service.result(again).path.read_text())
print(json.dumps(said))
"""


def test_full_disk_fails_what_needs_room_and_work_goes_on(
    tmp_path: Path, sample: Path, small_disk: list[str]
):
    script = tmp_path.parent / f"{tmp_path.name}.py"
    script.write_text(FULL)
    command = [*small_disk, f"cd {ROOT}; {sys.executable} {script} {tmp_path} {sample}"]
    own = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, text=True, capture_output=True, check=False, env=own)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["large"]["state"] == "failed"
    assert "no space left on the disk" in said["large"]["error"]
    assert said["small"]["state"] == "succeeded"
    assert "cannot write" in said["refused"]
    assert "No space left on device" in said["refused"]
    assert said["again"]["state"] == "succeeded"
    assert said["count"] == [2, 3]
    assert said["work"] == []


def test_runner_tries_again_while_the_log_cannot_be_written_and_ends_when_its_folder_is_gone(
    settings: Settings, sample: Path, tmp_path: Path
):
    said = tmp_path / "said"
    own = environment({"home": settings.home, "data": settings.data, "workers": 1})
    with (
        Service(settings, starts_runner=False) as service,
        said.open("wb") as output,
        subprocess.Popen(
            [*CSSERV, "run", "--with-parent"], env=own, stdin=subprocess.PIPE, stderr=output
        ) as runner,
    ):
        service.estimate(*LONG)  # headers are read as long as that is quick
        disk = SlowDisk(sample)
        task = service.submit(*LONG)
        next(seen for seen in service.watch(task) if seen.done >= 20)
        in_the_way = settings.home / f".task_log.json.{runner.pid}.draft"
        eventually(lambda: _made(in_the_way), pause=0)
        eventually(lambda: said.read_text().count("trying again") >= 2)
        in_the_way.rmdir()
        before = service.task(task).done
        eventually(lambda: service.task(task).done > before)
        settings.home.rename(tmp_path / "gone")
        shutil.rmtree(tmp_path / "gone", ignore_errors=True)
        assert runner.wait(60) == 0
        disk.end()
    assert f"the folder {settings.home} was removed or moved" in said.read_text()
    assert "Traceback (most recent" not in said.read_text()
    assert not settings.home.exists()


def _made(folder: Path) -> bool:
    """Make a folder; whether there was no file of that name at this moment."""
    with suppress(FileExistsError):
        folder.mkdir()
    return folder.is_dir()


def test_cancel_stops_the_work(server: Server, expected: list[float], slow_disk: SlowDisk):
    task = submitted(server)
    server.until_running(task, 20)
    assert server.service.cancel(task).state is TaskState.CANCELLED
    with open_cluster(server.address, 1, "1GiB") as cluster:
        eventually(lambda: all(one.state == "idle" for one in cluster.workers()))
    server.ends(task, TaskState.CANCELLED)
    assert not (server.settings.home / "results" / task.id).exists()
