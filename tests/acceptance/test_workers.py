"""Workers by the names that administrators know: start, list, stop by uuid, stop all, recycle."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client

from csserv import Settings, TaskState
from csserv.errors import InvalidRequestError, SettingsError, UnknownWorkerError
from tests import test_cli as cli
from tests.acceptance.server import Server, started
from tests.processes import CSSERV, eventually, halted_runners, has_ended
from tests.slow_disk import LONG, SlowDisk

#: a request of a single block
SHORT = ("chirps", "mean", "Kenya", "2019-01")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("workers") / "home"
    settings = Settings(home=home, data=sample)
    with started(settings, workers=0, CSSERV_SMALL_REQUEST="0") as server:
        server.service.estimate(*LONG)  # reads the headers of its files, as long as that is quick
        yield server


@pytest.fixture
def server(shared: Server) -> Iterator[Server]:
    """A scheduler and a runner without workers; what a test starts ends with it."""
    with shared.for_a_test(workers=0):
        yield shared
    shared.processes.restarts = True


def call(server: Server, *words: str) -> str:
    # in this process: one of its own would read code for two seconds of CPU each time
    done = cli.call(server.settings, *words)
    assert done.exit_code == 0, done.output
    return done.stdout


def workers(server: Server) -> dict[str, dict[str, Any]]:
    """By uuid; the address of the scheduler comes from the runner."""
    return {one["uuid"]: one for one in json.loads(call(server, "workers", "--json"))}


def test_worker_stopped_by_uuid_finishes_its_block_and_goes(server: Server, slow_disk: SlowDisk):
    server.processes.restarts = False
    start_two(server)
    task = server.service.submit(*LONG)
    server.until_running(task, 20)
    # a worker may be between two blocks at the moment it is asked
    eventually(lambda: ("busy", task.id) in doing(server))
    said = call(server, "stop-worker-by-uuid", "--uuid", "first")
    assert "stopping first" in said
    assert "first has stopped" in said
    assert set(workers(server)) == {"second"}
    slow_disk.end()
    ended = server.ends(task)
    assert ended.attempt == 1
    assert workers(server)["second"]["done"] >= 1


def doing(server: Server) -> set[tuple[str, str]]:
    return {(one.state, one.task) for one in server.service.workers()}


def start_two(server: Server) -> None:
    for name in ("first", "second"):
        server.start_worker(name, "--name", name)
    eventually(lambda: server.has_workers("first", "second"))


def test_all_workers_stop_and_the_task_waits_for_new_ones(server: Server, slow_disk: SlowDisk):
    server.processes.restarts = False
    start_two(server)
    task = server.service.submit(*LONG)
    server.until_running(task, 20)
    said = call(server, "stop-all-workers")
    assert "first has stopped" in said
    assert "second has stopped" in said
    assert workers(server) == {}
    waiting = server.service.task(task)
    assert waiting.state is TaskState.RUNNING
    slow_disk.end()
    server.start_worker("third", "--name", "third")
    assert server.ends(task).attempt == 1


def test_workers_stopped_now_have_their_blocks_done_by_others(server: Server, slow_disk: SlowDisk):
    server.processes.restarts = False
    start_two(server)
    task = server.service.submit(*LONG)
    server.until_running(task, 20)
    call(server, "stop-all-workers", "--now")
    assert workers(server) == {}
    slow_disk.end()
    server.start_worker("third", "--name", "third")
    assert server.ends(task).attempt == 1


def test_a_call_that_has_ended_as_its_worker_leaves_is_not_done_again(server: Server):
    server.processes.restarts = False
    server.start_worker("only", "--name", "only")
    server.ends(server.service.submit(*SHORT))  # it has shown what it can read
    worker, log = server.worker_process("only"), server.settings.home.parent / "logs" / "only.log"
    worker.suspend()
    with Client(server.address, set_as_default=False) as client:
        task = server.service.submit(*SHORT)
        eventually(lambda: task.id in str(client.processing()))
        with halted_runners(server.settings.home):  # it hears of end and leaving at once
            worker.resume()
            eventually(lambda: f"call ended task={task.id}" in log.read_text())
            assert "only has stopped" in call(server, "stop-worker-by-uuid", "--uuid", "only")
    assert server.ends(task).attempt == 1  # though no worker is there


def test_workers_that_hang_are_named_after_a_while_and_ended_when_told_now(server: Server):
    server.processes.restarts = False
    start_two(server)
    hangs = server.worker_process("first")
    hangs.suspend()
    done = cli.call(server.settings, "stop-all-workers", "--timeout", "4")
    assert done.exit_code == 1
    assert "second has stopped" in done.stdout
    assert "first has not stopped in 4 s: it does not answer" in done.stderr
    said = call(server, "stop-all-workers", "--now", "--timeout", "60")
    assert "first has stopped" in said
    assert has_ended(hangs)


def test_a_scheduler_that_is_briefly_away_is_waited_for_within_the_time(server: Server):
    server.processes.kill("scheduler")
    assert call(server, "stop-all-workers", "--timeout", "60") == ""


def test_unknown_uuid_is_told_and_without_one_they_are_listed(server: Server):
    server.start_worker("first", "--name", "first")
    eventually(lambda: server.has_workers("first"))
    assert "first" in call(server, "stop-worker-by-uuid")
    command = [*CSSERV, "stop-worker-by-uuid", "--uuid", "frist"]
    done = subprocess.run(
        command, env=server.processes.variables, text=True, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert "no worker 'frist'; did you mean first?" in done.stderr


def test_several_workers_start_one_after_the_other_and_end_together(server: Server):
    command = [*CSSERV, "start-worker", "--scheduler", server.address, "-n", "3"]
    several = subprocess.Popen(
        [*command, "--stagger", "0.5"],
        env=server.processes.variables,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with several:
        assert several.stdout is not None
        names = {several.stdout.readline().strip() for _ in range(3)}
        eventually(lambda: server.has_workers(*names))
        several.send_signal(signal.SIGTERM)
    eventually(server.has_workers)


def test_worker_is_recycled_after_its_lifetime_and_work_goes_on(server: Server):
    # long enough to start and do some work on a busy machine: what is cut off is done anew
    server.start_worker("worker", "--name", "old", "--lifetime", "20s")
    first = server.worker_process("worker").pid
    while server.worker_process("worker").pid == first:
        # of one block each: many blocks, each begun anew, took six minutes where all is slow
        assert server.ends(server.service.submit(*SHORT)).attempt == 1


def test_worker_that_does_not_answer_is_silent_and_hides_no_other(server: Server):
    start_two(server)
    process = server.worker_process("first")
    process.suspend()
    try:
        states = {name: one["state"] for name, one in workers(server).items()}
    finally:
        process.resume()
    assert states == {"first": "silent", "second": "idle"}


def test_service_starts_recycles_and_stops_workers_over_one_connection(
    server: Server, slow_disk: SlowDisk
):
    pool = server.service.pool

    def names() -> set[str]:
        return {one.uuid for one in pool.list()}

    first, second = started = pool.start(2)
    assert pool.starting() == (set(started), set())
    eventually(lambda: names() == set(started))
    assert pool.starting() == (set(), set())
    with pytest.raises(InvalidRequestError, match="100 more workers are too many: this machine"):
        pool.start(100)
    with pytest.raises(UnknownWorkerError, match=f"did you mean {first}"):
        pool.stop(first[:-1])
    assert pool.recycle(first).uuid == first
    eventually(lambda: len(names()) == 2 and first not in names())
    task = server.service.submit(*LONG)
    server.until_running(task, 20)
    assert pool.stop(second, now=True).uuid == second
    eventually(lambda: second not in names())
    slow_disk.end()
    assert server.ends(task).attempt == 1
    pages = pool.web_pages()
    assert pages.is_private
    with urllib.request.urlopen(pages.address, timeout=60) as answer:
        assert answer.status == 200
    server.processes.kill("scheduler")
    assert server.processes.restarts
    eventually(lambda: told_or(names) == set(), what="the new scheduler is not found")
    server.start_worker("third", "--name", "third")
    eventually(lambda: told_or(names) == {"third"})
    eventually(lambda: not processes_of(*started), what="a worker outlived its scheduler")


def told_or(look: Callable[[], set[str]]) -> set[str] | str:
    """What one sees, or why one sees nothing."""
    try:
        return look()
    except SettingsError as error:
        return str(error)


def processes_of(*names: str) -> list[str]:
    """Commands of the processes that have one of these names."""
    found = (" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"]))
    return [command for command in found if any(name in command for name in names)]


def test_by_default_everything_listens_to_this_machine_only(server: Server, tmp_path: Path):
    server.start_worker("first", "--name", "first")
    own = server.processes.variables | {"CSSERV_HOME": str(tmp_path / "laptop")}
    server.processes.start("laptop", ["env", f"CSSERV_HOME={own['CSSERV_HOME']}", *CSSERV, "run"])
    eventually(lambda: server.has_workers("first"))
    eventually((tmp_path / "laptop" / "scheduler").exists)
    assert set(listening(server)) >= {"scheduler", "first", "laptop"}
    for name, addresses in listening(server).items():
        assert set(addresses) <= {"127.0.0.1", "::1"}, name


def listening(server: Server) -> dict[str, list[str]]:
    """Addresses on which the processes of a server listen."""
    found: dict[str, list[str]] = {}
    for name, process in server.processes.running.items():
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(True)]
        for one in family:
            for socket in one.net_connections("tcp"):
                if socket.status == psutil.CONN_LISTEN:
                    found.setdefault(name, []).append(socket.laddr.ip)
    return found
