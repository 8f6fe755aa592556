"""How long csserv's processes take from their start until they are of use, beside bare peers."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import uuid4

import psutil
from distributed import Client

from csserv.catalog import Catalog
from csserv.catalog.samples.synthetic import SampleSpec, build_sample_archive
from csserv.request import Area, Period, Request
from csserv.tasks.work.in_process import plan_request, reduce_block
from csserv.zonal.operations import operation
from csserv.zonal.weights import zone_weights
from tests.processes import environment, free_port

ROOT = Path(__file__).parent.parent
SAMPLE = SampleSpec(west=33, south=-6, east=43, north=6, cell=0.1, years=(2019,), forecast_days=5)
BOX, PERIOD = (34.0, -1.0, 38.0, 3.0), "2019-01"

#: nobody waits longer [s]
PATIENCE = 120.0

PYTHON = [sys.executable]
CSSERV = [*PYTHON, "-m", "csserv"]
SUBMIT = [*CSSERV, "submit", "chirps", "mean", "--box", *map(str, BOX), "--period", PERIOD]
WORKER = ["--nthreads", "1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]

#: what a script does until it has an answer
SCRIPT = f"""
import csserv
if __name__ == "__main__":
    service = csserv.connect()
    area = csserv.Area.from_box(*{BOX})
    task = service.submit("chirps", "mean", area=area, period="{PERIOD}")
    service.result(task).json
    print("ready", flush=True)
    input()
"""

#: peers: what the libraries below take by themselves
TWO_WORKERS = """
from distributed import Client, LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            client.wait_for_workers(2)
            client.submit(sum, (1, 2)).result()
            print("ready", flush=True)
            input()
"""
EMPTY_PAGE = """
import panel_material_ui as pmui
pmui.Page(title="empty").servable()
"""
EMPTY_SERVER = """
import asyncio, sys
from tornado.web import Application, RequestHandler
class Hello(RequestHandler):
    def get(self): self.finish("hello")
async def serve():
    Application([("/", Hello)]).listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()
asyncio.run(serve())
"""


@dataclass(frozen=True)
class Cost:
    """What it took until something was ready: wall clock, and CPU of all processes [s]."""

    wall: float
    cpu: float


#: what was waited for → what it took
Costs = dict[str, Cost]


@dataclass
class Watched:
    """A process, its children and theirs, and how much CPU each has used [s]."""

    process: subprocess.Popen[bytes]
    began: float = field(default_factory=time.perf_counter)
    used: dict[int, float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def until(self, ready: Callable[[], bool]) -> Cost:
        """Wait until it is ready."""
        while not ready():
            if time.perf_counter() - self.began > PATIENCE:
                raise SystemExit(f"{self.process.args!r} was not ready in {PATIENCE:.0f} s")
            time.sleep(0.01)
        wall = time.perf_counter() - self.began
        self.look()
        return Cost(wall, sum(self.used.values()))

    def watch(self) -> None:
        """Look at them again and again: of those that end, nothing is known later."""
        while not self.over.wait(0.1):
            self.look()

    def look(self) -> None:
        """Note what they have used so far."""
        for one in self.family():
            with suppress(psutil.Error):
                times = one.cpu_times()
                self.used[one.pid] = times.user + times.system

    def family(self) -> list[psutil.Process]:
        """List them."""
        with suppress(psutil.Error):
            first = psutil.Process(self.process.pid)
            return [first, *first.children(recursive=True)]
        return []


@dataclass(frozen=True)
class Site:
    """Where csserv's code lies, sample data, and a home that was empty at first."""

    code: Path
    data: Path
    home: Path

    @contextmanager
    def start(self, *command: str) -> Iterator[Watched]:
        """Start a process; end it, and what it has started."""
        own = environment({"home": self.home, "data": self.data, "workers": 2})
        with (self.home / "said").open("wb") as log:
            process = subprocess.Popen(
                command,
                env=own | {"PYTHONPATH": str(self.code)},
                cwd=self.code,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        watched = Watched(process)
        threading.Thread(target=watched.watch).start()
        try:
            yield watched
        finally:
            watched.over.set()
            family = watched.family()
            process.terminate()
            process.communicate(timeout=PATIENCE)
            for one in psutil.wait_procs(family, 30)[1]:
                one.kill()

    def says(self, text: str) -> bool:
        """Whether the process has written something."""
        return text in (self.home / "said").read_text(errors="replace")


Measure = Callable[[Site], Costs]


@dataclass(frozen=True)
class Case:
    """How something of ours is measured, and the name of its peer."""

    measure: Measure
    peer: str


def runner(site: Site) -> Costs:
    """Start a runner in a home where a task waits."""
    with site.start(*SUBMIT) as asking:
        asking.process.wait()
    results = site.home / "results"
    with site.start(*CSSERV, "run") as process:
        return {
            "has its workers": process.until((site.home / "scheduler").exists),
            "first task done": process.until(lambda: any(results.glob("*/*.json"))),
        }


def submit(site: Site) -> Costs:
    """Ask on the command line where nothing runs."""
    with site.start(*SUBMIT, "--wait") as process:
        return {"ended": process.until(lambda: process.process.poll() == 0)}


def program(text: str, site: Site) -> Costs:
    """Run a program until it has an answer."""
    with site.start(*PYTHON, "-c", text) as process:
        return {"first answer": process.until(lambda: site.says("ready"))}


def server(path: str, command: list[str], site: Site) -> Costs:
    """Start a server, and wait for its first page."""
    port = str(free_port())
    with site.start(*(word.replace("PORT", port) for word in command)) as process:
        url = f"http://127.0.0.1:{port}{path}"
        return {"first page": process.until(partial(answers, url))}


def answers(url: str) -> bool:
    """Whether a server answers, with a page."""
    with suppress(OSError), urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310  # on this machine
        return bool(answer.status == 200)
    return False


def worker(command: list[str], call: tuple[object, ...], site: Site) -> Costs:
    """Start a worker at a scheduler, and give it a call.

    Parameters
    ----------
    call : a function and its arguments; none: read a block of a request
    """
    name, address = str(uuid4()), command[-1]
    with Client(address, set_as_default=False) as client:

        def listed() -> bool:
            known = client.scheduler_info(n_workers=-1)["workers"].values()
            return any(one["name"] == name and one["status"] == "running" for one in known)

        with site.start(*command, "--name", name) as process:
            found = {"listed": process.until(listed)}
            future = client.submit(*(call or block(site.data)), workers=[name], pure=False)
            found["first call done"] = process.until(future.done)
            future.result()
            return found


def block(data: Path) -> tuple[object, ...]:
    """Plan a small request: what reads its block, and the arguments."""
    entry = Catalog.read(data)["chirps"]
    wanted = [operation("mean")]
    request = Request("chirps", "mean", Area.from_box(*BOX), Period.parse(PERIOD))
    (one,) = plan_request(entry, entry.covering(request.period), request, wanted)[0].blocks
    return reduce_block, one, zone_weights(one.grid, request.area, "area"), wanted


@contextmanager
def scheduler() -> Iterator[str]:
    """Run dask's scheduler, for the workers that come and go."""
    address = f"tcp://127.0.0.1:{free_port()}"
    words = ["dask", "scheduler", "--host", address, "--no-dashboard", *WORKER[-2:]]
    process = subprocess.Popen([*PYTHON, "-m", *words], stderr=subprocess.DEVNULL)
    try:
        yield address
    finally:
        process.terminate()
        process.wait(30)


def all_cases(address: str, empty_page: Path) -> tuple[dict[str, Case], dict[str, Measure]]:
    """List what is measured, and the peers."""
    panel = [*PYTHON, "-m", "panel", "serve"]
    app = [*panel, "dashboard/app.py", "--plugins", "csserv.http", "--port", "PORT"]
    serve = [*CSSERV, "serve", "--port", "PORT"]
    health = "/api/v1/health"
    bare = [*PYTHON, "-m", "dask", "worker", *WORKER, address]
    own = [*CSSERV, "start-worker", "--scheduler", address]
    cases = {
        "worker": Case(partial(worker, own, ()), "dask worker"),
        "runner": Case(runner, "two dask workers"),
        "submit --wait": Case(submit, "two dask workers"),
        "connect(), submit()": Case(partial(program, SCRIPT), "two dask workers"),
        "serve --api-only": Case(partial(server, health, [*serve, "--api-only"]), "tornado"),
        "serve": Case(partial(server, "/app", serve), "panel serve"),
        "panel serve": Case(partial(server, "/app", app), "panel serve"),
        "panel serve, API": Case(partial(server, health, app), "panel serve"),
        "up": Case(partial(server, "/app", [*CSSERV, "up", "--port", "PORT"]), "panel serve"),
    }
    peers: dict[str, Measure] = {
        "python": partial(program, "print('ready')"),
        "dask worker": partial(worker, bare, (sum, (1, 2))),
        "two dask workers": partial(program, TWO_WORKERS),
        "tornado": partial(server, "/", [*PYTHON, "-c", EMPTY_SERVER, "PORT"]),
        "panel serve": partial(server, "/empty", [*panel, str(empty_page), "--port", "PORT"]),
    }
    return cases, peers


def measured(measure: Measure, code: Path, folder: Path) -> Costs:
    """Measure in a home of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as home:
        return measure(Site(code, folder / "data", Path(home)))


def medians(runs: list[Costs]) -> Costs:
    """Find the medians of several runs."""
    return {
        what: Cost(
            statistics.median(one[what].wall for one in runs),
            statistics.median(one[what].cpu for one in runs),
        )
        for what in runs[0]
    }


def main() -> None:
    """Print a table."""
    words = ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--beside", type=Path, help="other code of csserv, measured in the same run")
    words.add_argument("--only", default="", help="what has this text in its name")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as name, scheduler() as address:
        folder = Path(name)
        build_sample_archive(folder / "data", spec=SAMPLE)
        (folder / "empty.py").write_text(EMPTY_PAGE)
        cases, peers = all_cases(address, folder / "empty.py")
        chosen = {name: case for name, case in cases.items() if given.only in name}
        codes = [ROOT, *([given.beside.absolute()] if given.beside else [])]
        seen: dict[tuple[str, Path | None], list[Costs]] = defaultdict(list)
        for _ in range(given.runs):
            for peer in dict.fromkeys(case.peer for case in chosen.values()):
                seen[peer, None].append(measured(peers[peer], ROOT, folder))
            for name, case in chosen.items():
                for code in codes:
                    seen[name, code].append(measured(case.measure, code, folder))
    found = {key: medians(runs) for key, runs in seen.items()}
    show({name: [found[name, code] for code in codes] for name in chosen}, chosen, found)


def show(
    ours: dict[str, list[Costs]],
    cases: dict[str, Case],
    found: dict[tuple[str, Path | None], Costs],
) -> None:
    """Print what was measured, of the other code too, as times what the peer takes."""
    print(f"{'':22}{'until':18}{'wall [s]':>10}{'CPU [s]':>9}{'wall':>8}{'CPU':>7}")
    for name, every in ours.items():
        peer = found[cases[name].peer, None]
        for what in every[0]:
            least = peer.get(what) or list(peer.values())[-1]
            for costs, label in zip(every, (name, "  beside"), strict=False):
                cost = costs[what]
                times = f"{cost.wall / least.wall:>7.2f}x{cost.cpu / least.cpu:>6.2f}x"
                print(f"{label:22}{what:18}{cost.wall:10.2f}{cost.cpu:9.2f}{times}")
            print(f"{'  ' + cases[name].peer:22}{what:18}{least.wall:10.2f}{least.cpu:9.2f}")


if __name__ == "__main__":
    main()
