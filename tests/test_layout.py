"""A stranger finds a feature by the names of folders, and the pages that list them agree."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "csserv"

#: one thing in several faces: the same name says so
FACES = {
    "answer": "a series, and the same in ClimateSERV's form",
    "area": "an area, and choosing one in a notebook",
    "doctor": "the checks, and their command",
    "layers": "feature layers, and their commands",
    "result": "a result, and the same in a notebook",
    "service": "the service, and the same in a notebook",
    "tokens": "tokens, and their commands",
    "users": "users, and their commands",
}

#: modules of a folder; more are a hall
MOST = 18


def modules() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if not path.stem.startswith("__")]


def folders() -> set[str]:
    """Folders of the package, ``a/b`` below it, but for caches."""
    found = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if path.is_dir())
    return {str(path) for path in found if "__pycache__" not in path.parts}


def listed() -> set[str]:
    """Folders of the package that CONTRIBUTING lists, by indentation."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = text.partition("```\ncsserv/")[2].partition("\ndashboard/")[0]
    found: set[str] = set()
    path: list[str] = []
    for spaces, name in re.findall(r"^( +)(\w+)/ ", block, re.MULTILINE):
        path = [*path[: len(spaces) // 2 - 1], name]
        found.add("/".join(path))
    return found


def test_contributing_lists_the_folders_that_there_are():
    assert listed() == folders()


def test_no_two_modules_share_a_name_but_faces_of_one_thing():
    counts = Counter(path.stem for path in modules())
    assert {name for name, count in counts.items() if count > 1} <= set(FACES)


def test_no_folder_is_a_hall():
    counts = Counter(str(path.parent.relative_to(ROOT)) for path in modules())
    assert {folder: count for folder, count in counts.items() if count > MOST} == {}


def test_each_folder_and_module_opens_with_what_it_is_for():
    openings = [path.read_text(encoding="utf-8").split("\n", 1)[0] for path in modules()]
    openings += [path.read_text("utf-8").split("\n", 1)[0] for path in PACKAGE.rglob("__init__.py")]
    assert [line for line in openings if not re.match(r'r?"""[A-Z`d].+', line)] == []


def test_the_tests_mirror_the_folders():
    here = {
        str(path.parent.relative_to(ROOT / "tests")) for path in ROOT.glob("tests/**/test_*.py")
    }
    own = {"acceptance", "accuracy", "browser", "chaos", "dashboard"}
    beside = {path for path in here if path != "." and path.split("/")[0] not in own}
    assert beside <= folders()


def test_contracts_on_layers_name_all_that_there_is():
    """The pictures in how_a_request_flows are drawn of them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layered = [one for one in contracts if one["type"] == "layers"]
    assert layered[0]["containers"] == ["csserv"]
    assert all(one["exhaustive"] for one in layered)
