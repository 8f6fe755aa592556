"""The pages of the documentation: run them, and build the site from what they gave.

``make docs`` calls this; the tests run the pages by it.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from csserv import Service
from csserv.catalog.samples.many_years import build_many_years
from csserv.catalog.samples.real import copy_real_samples
from csserv.catalog.samples.synthetic import SampleSpec, build_sample_archive
from csserv.settings import Settings, read_settings
from scripts.page_kernels import kernel_manager, kernel_source

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"

#: where the site is built, below the folder of the project
PAGES, SITE = Path(".docs/pages"), Path(".docs/site")

#: what `csserv sample-data` makes, on a coarser grid
SAMPLE = SampleSpec(cell=0.1, years=(2019, 2020), forecast_days=40)

#: from page to page
LINK = re.compile(r"(\]\([^):]+)\.ipynb(?=[)#])")

#: what a browser would fetch from elsewhere when it opens a page
FOREIGN = re.compile(
    r"""<(?:script|img|iframe|source|link(?![^>]*rel="canonical"))\b[^>]*?\b(?:src|href)="https?:[^"]*"""
    r"""|@import\s+["']https?:[^"']*|url\(["']?https?:[^)]*"""
)

#: from a page of the site to something that it shows or leads to
REFERENCE = re.compile(r"""<(?:a|img|link|script)\b[^>]*?\s(?:href|src)="([^":]+)\"""")

#: what a script says is no link
SCRIPT = re.compile(r"(<script\b[^>]*>).*?</script>", re.DOTALL)

#: longest time of one cell [s]
PATIENCE = 300


def find_pages() -> list[Path]:
    """List all pages, in the order of their names."""
    found = NOTEBOOKS.rglob("*.ipynb")
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def has_code(path: Path) -> bool:
    """Whether there is anything to run in a page."""
    page = json.loads(path.read_text(encoding="utf-8"))
    return any(cell["cell_type"] == "code" for cell in page["cells"])


def read_page(path: Path) -> Any:
    """Return a page as Jupyter has it."""
    import nbformat  # takes 4 s: it reads a grammar of addresses

    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Machine:
    """What pages run on.

    Attributes
    ----------
    variables : of the environment of a page
    kernels : socket where kernels are asked for, as ``scripts.page_kernels`` has it
    """

    variables: Mapping[str, str]
    kernels: Path


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """Keep a runner with two workers on sample data, and what gives pages their kernels."""
    settings = read_settings(home=folder / "home", data=folder / "data")
    build_sample_archive(settings.data, spec=SAMPLE)
    build_many_years(settings.data)
    copy_real_samples(settings.data)
    own = {name: value for name, value in os.environ.items() if not name.startswith("CSSERV_")}
    own |= {"CSSERV_HOME": str(settings.home), "CSSERV_DATA": str(settings.data)}
    own |= {"PYTHONPATH": str(ROOT)}
    own["COLUMNS"] = "120"  # room for a uuid, and for what is said of it
    one = {"CSSERV_WORKERS": "1"}  # enough for a page that keeps a runner of its own
    settings.home.mkdir()
    with (
        kernel_source(folder, own | one) as kernels,
        (folder / "runner.log").open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "csserv", "run"], env=own, stdout=output, stderr=output
        ) as runner,
    ):
        try:
            _await_runner(settings)
            yield Machine(own | one, kernels)
        finally:
            runner.terminate()


def run_page(path: Path, folder: Path, on: Machine) -> Any:
    """Run a page in an empty folder; return it with its outputs.

    Raises
    ------
    CellExecutionError : a cell has failed
    """
    from nbclient import NotebookClient  # takes 4 s, as nbformat does

    page = read_page(path)
    if has_code(path):
        folder.mkdir(parents=True, exist_ok=True)
        where = {"metadata": {"path": str(folder)}}
        client = NotebookClient(page, timeout=PATIENCE, resources=where)
        client.kernel_manager_class = kernel_manager(on.kernels)
        client.execute(env=dict(on.variables))
        page.metadata.pop("widgets", None)  # shown without a kernel, they would need a script
    return page


def build_site(root: Path = ROOT) -> Path:
    """Run all pages and make HTML of them; return the folder of the site."""
    import nbformat

    shutil.rmtree(root / PAGES.parent, ignore_errors=True)
    shutil.copytree(NOTEBOOKS, root / PAGES)
    with tempfile.TemporaryDirectory() as name, machine(Path(name)) as on:

        def run(path: Path) -> None:
            started = time.monotonic()
            place = path.relative_to(NOTEBOOKS)
            page = run_page(path, Path(name) / place.with_suffix(""), on)
            text = nbformat.writes(page)  # type: ignore[no-untyped-call]
            (root / PAGES / place).write_text(LINK.sub(r"\1.html", text), encoding="utf-8")
            print(f"{time.monotonic() - started:6.1f} s  {place}")

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(run, find_pages()))
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--clean"],
        cwd=root,
        check=True,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )
    check_offline(root / SITE)
    check_links(root / SITE)
    return root / SITE


def check_offline(site: Path) -> None:
    """See that the pages ask nothing of other hosts.

    Raises
    ------
    ValueError : one does; says which, and what
    """
    found = {
        f"{path.relative_to(site)}: {one[0]}"
        for path in sorted(site.rglob("*"))
        if path.suffix in (".html", ".css")
        for one in FOREIGN.finditer(path.read_text(encoding="utf-8"))
    }
    if found:
        raise ValueError("asked of other hosts:\n" + "\n".join(sorted(found)))


def check_links(site: Path) -> None:
    """See that whatever a page shows or leads to is there, down to the heading.

    Raises
    ------
    ValueError : something is not; says on which page, and what
    """
    texts = {
        path: SCRIPT.sub(r"\1", path.read_text(encoding="utf-8")) for path in site.rglob("*.html")
    }
    broken = [
        f"{path.relative_to(site)}: {link}"
        for path, text in sorted(texts.items())
        if path.name != "404.html"  # is shown at any address
        for link in sorted(set(REFERENCE.findall(text)))
        if not _leads(path, unquote(html.unescape(link)), texts)
    ]
    if broken:
        raise ValueError("these lead nowhere:\n" + "\n".join(broken))


def _leads(page: Path, link: str, texts: Mapping[Path, str]) -> bool:
    place, _, heading = link.partition("#")
    path = (page.parent / place.partition("?")[0]).resolve() if place else page
    if heading and path in texts:
        return f'id="{heading}"' in texts[path]
    return path.is_file() or (path / "index.html").is_file()


def _await_runner(settings: Settings) -> None:
    with Service(settings, starts_runner=False) as service:
        end = time.monotonic() + PATIENCE
        while not service.has_runner():
            if time.monotonic() > end:
                raise TimeoutError(f"no runner leads {settings.home}")
            time.sleep(0.1)


if __name__ == "__main__":
    print(f"built {build_site() / 'index.html'}")
