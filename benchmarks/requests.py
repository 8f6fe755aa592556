"""How long a whole request takes on a warm service: from submit until the result is on disk."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.archive import LAYOUTS, VARIABLE, folder_of
from benchmarks.cases import Case
from benchmarks.ours import plan
from csserv import Service
from csserv.catalog import Catalog
from csserv.settings import read_settings

RUNS = 7


def whole_requests(root: Path, country: Case) -> str:
    """Measure the country over years and a point over one, and write what came out."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "datasets.toml"
        table.write_text("\n".join(_row(root, name) for name in LAYOUTS), encoding="utf-8")
        # kept numbers would answer all but the first
        named = {"home": Path(folder) / "home", "data": root, "catalog": table}
        settings = read_settings(**named, workers=2, store_max=0)
        with Service(settings) as service:
            _ask(service, country)  # workers start, files are looked at
            walls = [_ask(service, country) for _ in range(RUNS)]
            cpu = _compute(service.catalog, Path(folder) / "alone", country)
            point = Case("(365,50,50)", "point")
            _ask(service, point)
            points = [_ask(service, point) for _ in range(RUNS)]
    wall, short = statistics.median(walls), statistics.median(points)
    return "\n".join(
        [
            "| whole request, warm service | target | measured |",
            "| --- | --- | --- |",
            f"| country, {country.years} years | at most {3 * cpu:.2f} s, three times its CPU "
            f"| {wall:.2f} s |",
            f"| point, 1 year | at most 0.150 s | {short:.3f} s |",
        ]
    )


def _row(root: Path, name: str) -> str:
    files = f"{folder_of(root, name).name}/*.nc"
    return f'["{name}"]\ntitle = "{name}"\nvariable = "{VARIABLE}"\nfiles = "{files}"\n'


def _ask(service: Service, case: Case) -> float:
    """Submit and wait until the JSON is there; wall [s]."""
    started = time.perf_counter()
    task = service.submit(case.layout, case.operation, case.area, case.period)
    path = service.settings.home / "results" / task.id / f"{task.id}.json"
    while not path.exists():
        time.sleep(0.002)
    found = time.perf_counter() - started
    service.result(task)
    return found


def _compute(catalog: Catalog, home: Path, case: Case) -> float:
    """CPU of the calls of a case, run one after the other in this process [s]."""
    cpu = []
    for _ in range(3):
        attempt = plan(case, catalog, home)
        groups = [list(attempt.waiting), *attempt.later]
        started = time.process_time()
        for call in (call for group in groups for call in group):
            call.function(*call.args)
        cpu.append(time.process_time() - started)
    return statistics.median(cpu)
