"""How tests are found without reading what has none, and who runs which, and when."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

PACKAGE = Path(__file__).parent / "csserv"

#: modules that share a server: run by several processes, each would start one
TOGETHER = (
    (
        "tests/http/native/test_endpoints.py",
        "tests/http/native/test_own_layers.py",
        "tests/http/climateserv/test_bugs.py",
        "tests/http/climateserv/test_clients.py",
        "tests/http/climateserv/test_contract.py",
        "tests/http/test_both.py",
        "tests/http/test_compared.py",
        "tests/http/test_indices_on_each_face.py",
        "tests/http/test_methods.py",
    ),
    (
        "tests/acceptance/test_flow.py",
        "tests/acceptance/test_fetching.py",
    ),
    (
        "tests/browser/test_result.py",
        "tests/browser/test_every_page.py",
        "tests/browser/test_tabs.py",
        "tests/browser/test_workers.py",
    ),
)

#: what takes longest is begun first, so that nothing is left alone at the end
LONGEST = (
    "tests/acceptance/test_faults.py",
    "tests/test_notebooks.py",
    "tests/acceptance/test_chaos.py",
    "tests/browser/test_dashboard.py",
    TOGETHER[0],
    "tests/acceptance/test_workers.py",
    TOGETHER[1],
    "tests/browser/",
    "tests/acceptance/",
    "tests/http/test_access.py",
    "tests/http/native/test_fuzz.py",
    "tests/http/",
    "tests/ingest/test_each_product.py",
    "tests/climatology/index/",
    "tests/outputs/test_cf.py",
    "tests/catalog/own_layers/",
    "tests/tasks/",
    "tests/dashboard/",
    "tests/test_",
)

# several processes share the cores: threads of matrix products would wait for each other, and burn
# two thirds of what it takes to make the sample data
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# nbformat would have jsonschema build a grammar of international addresses, which pages have none
# of: 4 s of CPU in each process that reads a page
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# what is imported while tests are found all stays: there is no garbage to look for
gc.disable()

#: how a module says that all of it is slow
ALL_SLOW = b"\npytestmark = pytest.mark.slow\n"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out modules without a doctest, and those that are slow where slow tests are left out.

    To look into all took a fifth of a quick run, in each process.
    """
    if collection_path.suffix != ".py":
        return None
    if collection_path.is_relative_to(PACKAGE):
        return b">>> " not in collection_path.read_bytes() or None
    leaves_out = config.getoption("markexpr") == "not slow"
    return (leaves_out and ALL_SLOW in collection_path.read_bytes()) or None


def pytest_collection_finish() -> None:
    """Look for garbage again, but not among what was imported."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    order: dict[str, int] = {}

    def rank(item: pytest.Item) -> int:
        scope = scope_of(item.nodeid)
        if scope not in order:
            places = (n for n, name in enumerate(LONGEST) if item.nodeid.startswith(name))
            order[scope] = next(places, len(LONGEST))
        return order[scope]

    items.sort(key=rank)


def scope_of(nodeid: str) -> str:
    """Return what one process runs as a whole: a module, or the first of those together."""
    shared = (names[0] for names in TOGETHER if nodeid.startswith(names))
    return next(shared, nodeid.partition("::")[0])


class Scheduling(LoadScopeScheduling):
    """Give the tests of a module, or of modules that share a server, to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """Share tests out with ``--dist loadscope``."""
    return Scheduling(config, log) if config.getoption("dist") == "loadscope" else None
