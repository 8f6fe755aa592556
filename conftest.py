"""How tests are found without reading what has none, and who runs which, and when."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

PACKAGE = Path(__file__).parent / "csserv"

#: what starts most processes, and waits for them: is begun first, so that nothing is left alone
LONGEST = (
    "tests/browser/test_dashboard.py",
    "tests/acceptance/test_faults.py",
    "tests/browser/",
    "tests/test_notebooks.py",
    "tests/acceptance/test_workers.py",
    "tests/acceptance/test_flow.py",
    "tests/http/",
    "tests/acceptance/",
    "tests/test_doctor.py",
    "tests/test_wheel.py",
    "tests/dashboard/",
    "tests/test_notebook.py",
    "tests/tasks/cluster/",
    "tests/tasks/log/",
)

#: modules that share a server
TOGETHER = (
    (
        "tests/browser/test_accessibility.py",
        "tests/browser/test_result.py",
        "tests/browser/test_workers.py",
    ),
    ("tests/http/",),
)

# several processes share the cores: threads of matrix products would wait for each other, and burn
# two thirds of what it takes to make the sample data
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# what is imported while tests are found all stays: there is no garbage to look for
gc.disable()


#: how a module says that all of it is slow
ALL_SLOW = "\npytestmark = pytest.mark.slow\n"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out modules without a doctest, and those that are slow where slow tests are left out.

    To import them all takes seconds, in each process: schemathesis alone tries all requests.
    """
    if collection_path.suffix != ".py":
        return None
    if PACKAGE in collection_path.parents:
        return ">>>" not in collection_path.read_text(encoding="utf-8") or None
    leaves_out = config.getoption("markexpr") == "not slow"
    return (leaves_out and ALL_SLOW in collection_path.read_text(encoding="utf-8")) or None


def pytest_collection_finish() -> None:
    """Look for garbage again, but not among what was imported."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""

    def rank(item: pytest.Item) -> int:
        places = (n for n, name in enumerate(LONGEST) if item.nodeid.startswith(name))
        return next(places, len(LONGEST))

    items.sort(key=rank)


class Scheduling(LoadScopeScheduling):
    """Give the tests of a module, or of modules that share a server, to one process."""

    def _split_scope(self, nodeid: str) -> str:
        shared = (names[0] for names in TOGETHER if nodeid.startswith(names))
        return next(shared, nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """Share tests out with ``--dist loadscope``."""
    return Scheduling(config, log) if config.getoption("dist") == "loadscope" else None
