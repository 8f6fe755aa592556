"""The project's own promises: settings are documented, environments agree, imports point down."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import csserv
from csserv.errors import SettingsError
from csserv.settings import as_variables, read_settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

#: pandas imports these when it is told their name
BY_NAME = {"xlsxwriter"}

#: package → the distribution of which it is an extra
EXTRAS = {"PIL": "pillow", "bidi": "python-bidi", "distributed": "dask"}

#: packages that are used where they are installed
OPTIONAL = {"cfgrib", "docx", "duckdb", "pyarrow", "reportlab", "zarr"}


def normal(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", requirement.strip().lower())


def test_environment_has_the_dependencies_of_the_project():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    listed = {normal(line) for line in re.findall(r"^\s+- ([a-zA-Z][^:\n]*)$", text, re.M)}
    wanted = set(PROJECT["dependencies"]) | set(PROJECT["optional-dependencies"]["samples"])
    dask = next(one for one in wanted if one.startswith("dask"))
    version = dask.partition(">=")[2]
    wanted = (wanted - {dask}) | {f"dask>={version}", f"distributed>={version}"}
    wanted |= {"conda-forge", "pip", f"python{PROJECT['requires-python']}"}
    assert listed == {normal(one) for one in wanted}


def test_constraints_pin_every_direct_dependency_and_name_no_address():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[^ ]+", line) for line in lines)
    pinned = {normal(line.partition("==")[0]) for line in lines}
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    assert {name for group in groups for name in named(group)} <= pinned


def named(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[\[<>=]", one)[0]) for one in requirements}


def imported(folder: Path) -> Iterator[str]:
    """Packages that the modules of a folder import, here or there."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def test_what_is_imported_is_declared_and_nothing_else():
    ours = {"csserv", "dashboard", "_typeshed", *sys.stdlib_module_names}
    every = {*imported(ROOT / "csserv"), *imported(ROOT / "dashboard"), *BY_NAME}
    found = every - ours - OPTIONAL
    needed = {normal(EXTRAS.get(name, name)) for name in found}
    assert needed == named(PROJECT["dependencies"])


def test_hooks_before_a_commit_run_the_tools_of_make_check():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (local,) = hooks["repos"]
    (recipe,) = re.findall(r"^check:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    tools = re.findall(r"\$\(BIN\)/(\S+(?: (?:check|format))?)", recipe)
    entries = [hook["entry"].removeprefix(".venv/bin/") for hook in local["hooks"]]
    assert [entry.partition(" --")[0] for entry in entries] == tools


def test_ci_runs_chores_of_the_makefile_and_nothing_else():
    path = ROOT / ".github" / "workflows" / "ci.yml"
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    runs = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    chores = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    words = [re.fullmatch(r"make ([a-z]+)( PINS=)?", run) for run in runs]
    assert {word and word[1] for word in words} <= chores
    assert len(runs) == len(jobs)


def test_readme_is_short():
    assert len(README.splitlines()) < 150


def test_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == csserv.__version__
    assert citation["cff-version"] == "1.2.0"
    assert citation["license"] == PROJECT["license"]


def test_public_names_are_there():
    assert all(hasattr(csserv, name) for name in csserv.__all__)


def test_imports_point_down():
    command = [str(Path(sys.executable).parent / "lint-imports")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_csserv_never_imports_the_dashboard():
    pattern = re.compile(r"^\s*(from|import) (csserv\.)?dashboard\b", re.MULTILINE)
    found = [p for p in (ROOT / "csserv").rglob("*.py") if pattern.search(p.read_text("utf-8"))]
    assert found == []


def test_misspelt_setting_is_warned_about(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CSSERV_WORKRES", "3")
    with pytest.warns(UserWarning, match="CSSERV_WORKRES.*CSSERV_WORKERS"):
        read_settings()


def test_wrong_value_is_refused_with_what_was_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CSSERV_WORKERS", "many")
    with pytest.raises(SettingsError, match="workers='many'"):
        read_settings()


def test_arguments_win_over_variables_and_variables_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "csserv.toml").write_text("workers = 5\nattempts = 7\nlease_seconds = 30\n")
    monkeypatch.setenv("CSSERV_HOME", str(tmp_path))
    monkeypatch.setenv("CSSERV_ATTEMPTS", "4")
    settings = read_settings(lease_seconds=10)
    assert (settings.workers, settings.attempts, settings.lease_seconds) == (5, 4, 10)


def test_secret_setting_is_never_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CSSERV_SCRIPT_TOKEN", "short-secret")
    with pytest.raises(SettingsError, match="script_token=…") as caught:
        read_settings()
    assert "short-secret" not in str(caught.value)
    assert "long-enough" not in repr(read_settings(script_token="long-enough-" * 3))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"max_cell_steps": None, "max_area": 1.5, "max_zones": 7, "access": "tokens"},
        {"max_cell_steps": 5e10, "max_area": None, "requests_per_second": 0.5},
    ],
)
def test_settings_reach_another_process_as_they_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: dict[str, object]
):
    settings = read_settings(home=tmp_path, **given)
    for name, value in as_variables(settings).items():
        monkeypatch.setenv(name, value)
    assert read_settings() == settings


def test_limit_is_lifted_by_a_word(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "csserv.toml").write_text('max_cell_steps = "none"\n')
    assert read_settings(home=tmp_path).max_cell_steps is None
    monkeypatch.setenv("CSSERV_MAX_CELL_STEPS", "1e6")
    assert read_settings(home=tmp_path).max_cell_steps == 1e6
