"""Every page of the documentation runs, without a network, and is committed without outputs."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import csserv
from csserv.catalog import Catalog
from csserv.catalog.row_fields import FAMILY, FIELDS
from csserv.cli import main
from csserv.climatology.indices import INDICES
from csserv.http.native.endpoint import BASE
from csserv.http.native.endpoints import ENDPOINTS
from csserv.notebook.handles import TaskHandle
from csserv.request import Options
from csserv.settings import Settings
from csserv.zonal.operations import OPERATIONS
from csserv.zonal.over_time.timestep import TIME_STEPS
from scripts import page_kernels
from scripts.pages import (
    NOTEBOOKS,
    Machine,
    check_links,
    find_pages,
    has_code,
    machine,
    read_page,
    run_page,
)
from tests.processes import eventually

PAGES = find_pages()

#: made by `make screenshots`
PICTURES = NOTEBOOKS / "how_to" / "images"

LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with machine(tmp_path_factory.mktemp("machine")) as on:
        yield on


def public(kind: type) -> set[str]:
    """Name what an object can be asked for."""
    return {
        name
        for base in kind.__mro__
        if base.__module__.startswith("csserv")
        for name, value in vars(base).items()
        if not name.startswith("_") and (callable(value) or hasattr(value, "__get__"))
    }


def commands(group: click.Group, path: str = "csserv") -> Iterator[str]:
    """Name all commands that are told of, those of groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        assert one is not None
        if isinstance(one, click.Group):
            yield from commands(one, f"{path} {name}")
        elif not one.hidden:
            yield f"{path} {name}"


#: products that can be fetched
PROVIDERS = tomllib.loads(
    (Path(csserv.__file__).parent / "ingest" / "providers.toml").read_text(encoding="utf-8")
)

#: page of the reference → what must stand in what it prints
MENTIONED = {
    "datasets": {f"`{name}`" for name in Catalog.read(Path("nowhere"))}
    | {f"| `{name}` |" for name in FIELDS | FAMILY},
    "indices": {f"| `{name}` |" for name in INDICES}
    | {f"| `{name}` |" for row in INDICES.values() for name in row.parameters},
    "providers": {f"### {name}\n" for name in PROVIDERS},
    "requests": {f"| `{name}` |" for name in [*OPERATIONS, *TIME_STEPS, *vars(Options())]},
    "settings": {f"| `CSSERV_{name.upper()}` |" for name in Settings.model_fields},
    "command_line": {f"## {name}\n" for name in commands(main)},
    "http_api": {f"| `{one.method} {BASE}{one.path}` |" for one in ENDPOINTS},
    "public_api": {f"| `csserv.{name}` |" for name in csserv.__all__}
    | {
        f"| `{name}"
        for kind in (csserv.Service, TaskHandle, csserv.Result)
        for name in public(kind)
    },
}


def printed(page: Any) -> str:
    """What the cells of a page gave, as text."""
    outputs = (one for cell in page.cells if cell.cell_type == "code" for one in cell.outputs)
    found = (one.get("data", {}) | {"stream": one.get("text", "")} for one in outputs)
    names = ("text/markdown", "text/plain", "stream")
    return "\n".join(str(one[name]) for one in found for name in names if name in one)


@pytest.mark.parametrize(
    "path", [path for path in PAGES if has_code(path)], ids=lambda path: path.stem
)
def test_a_page_runs(path: Path, on: Machine, tmp_path: Path) -> None:
    page = run_page(path, tmp_path, on)
    assert not re.search(r"Traceback|command not found|Usage: csserv|Error: ", printed(page))
    lacking = [one for one in MENTIONED.get(path.stem, ()) if one not in printed(page)]
    assert not lacking, f"{path.name} does not say {sorted(lacking)}"


def test_a_kernel_ends_with_who_has_asked_for_it(on: Machine, tmp_path: Path) -> None:
    file = tmp_path / "kernel.json"
    words = [sys.executable, "-I", page_kernels.__file__, "ask", str(on.kernels), "-f", str(file)]
    said = (tmp_path / "said").open("wb")
    with said, subprocess.Popen(words, env=on.variables, stdout=said, stderr=said) as asking:
        eventually(lambda: file.exists() and file.read_text().endswith("}"))
        port = json.loads(file.read_text())["shell_port"]
        eventually(lambda: listens(port))
        asking.kill()
    eventually(lambda: not listens(port))


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_reference_has_a_page_for_each_table():
    assert {path.stem for path in (NOTEBOOKS / "reference").iterdir()} == set(MENTIONED)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_committed_without_outputs(path: Path) -> None:
    page = read_page(path)
    assert page.cells[0].cell_type == "markdown"
    assert page.cells[0].source.startswith("# ")
    code = [cell for cell in page.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_links_between_pages_lead_somewhere():
    texts = {
        path: "\n".join(c.source for c in read_page(path).cells if c.cell_type == "markdown")
        for path in PAGES
    }
    texts |= {path: path.read_text("utf-8") for path in NOTEBOOKS.parent.glob("*.md")}
    broken = [
        (path.name, link)
        for path, text in texts.items()
        for link in LINK.findall(text)
        if not (path.parent / link).exists() and (PICTURES.exists() or "/images/" not in f"/{link}")
    ]
    assert broken == []


def test_the_site_lists_every_page():
    text = (NOTEBOOKS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r"^ .*?(\S+\.ipynb)$", text, re.MULTILINE))
    assert listed == {path.relative_to(NOTEBOOKS).as_posix() for path in PAGES}


def test_the_glossary_names_what_the_code_has():
    page = read_page(NOTEBOOKS / "explanation" / "glossary.ipynb")
    package = Path(csserv.__file__).parent
    rows = [line for c in page.cells for line in c.source.splitlines() if line.startswith("| **")]
    for row in rows:
        paths, names = [], []
        for word in re.findall(r"`([^`]+)`", row.split(" | ")[-1]):
            (paths if word.endswith(("/", ".py")) else names).append(word)
        places = [package / path for path in paths]
        assert all(place.exists() for place in places), row
        files = [file for one in places for file in ([one] if one.is_file() else one.rglob("*.py"))]
        code = "\n".join(file.read_text(encoding="utf-8") for file in files)
        lacking = [n for n in names if not re.search(rf"^ *(def|class) {n}\b|^{n} = ", code, re.M)]
        assert not lacking, row


def test_links_of_the_site_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    one, other = tmp_path / "one.html", tmp_path / "other.html"
    other.write_text('<h2 id="units">Units</h2><script>"<a href=\'gone.html\'>"</script>')
    one.write_text('<a href="other.html#units">u</a><a class="x" href="https://example.org">e</a>')
    check_links(tmp_path)
    one.write_text('<a href="other.html#days">d</a><img alt="" src="map.png"><a href="#top">t</a>')
    with pytest.raises(ValueError, match=r"one.html: #top\n.*map.png\n.*other.html#days"):
        check_links(tmp_path)
