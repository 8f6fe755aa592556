"""What a wheel brings: one name, every file, and servers that need no clone."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import psutil
import pytest
import requests

import csserv
from tests.processes import environment, eventually, free_port, has_ended

ROOT = Path(__file__).parent.parent

#: commands that serve the dashboard, with {python}, {package} and {port} to be filled in
SERVERS = {
    "csserv": "{python} -m csserv serve --port {port}",
    "panel": "{python} -m panel serve {package}/dashboard/app.py --plugins csserv.http "
    "--address 127.0.0.1 --port {port}",
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel, and sees what csserv needs in ours."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    made = folder / "bin" / "python"
    options = ("--quiet", "--no-index", "--no-deps", "--no-compile")
    run(sys.executable, "-m", "pip", "--python", str(made), "install", *options, str(wheel))
    ours = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    # Python reads no .pth files of folders that a .pth file names: the clone stays unseen
    (site(made) / "needed.pth").write_text("\n".join(sorted(ours)))
    return made


def run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=environment({}), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def site(python: Path) -> Path:
    (found,) = (python.parent.parent / "lib").glob("python*/site-packages")
    return found


def files(folder: Path) -> set[str]:
    """What is in a folder, as it is called there."""
    found = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


def test_wheel_brings_every_file_and_takes_one_name(wheel: Path):
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = {f"csserv/{name}" for name in files(ROOT / "csserv")}
    assert names == wanted | {f"csserv/dashboard/{name}" for name in files(ROOT / "dashboard")}
    assert {Path(name).suffix for name in names} >= {".py", ".js", ".css", ".toml", ".gz", ".svg"}


def test_installed_csserv_is_the_wheel_s_and_brings_no_other_package(python: Path, tmp_path: Path):
    script = (
        "import csserv, importlib.util as found, json\n"
        "print(csserv.__version__, csserv.__file__, found.find_spec('dashboard'))"
    )
    said = run(str(python), "-c", script, cwd=tmp_path).split()
    assert said == [csserv.__version__, str(site(python) / "csserv" / "__init__.py"), "None"]


@pytest.mark.parametrize("server", SERVERS)
def test_dashboard_and_api_are_served_from_the_wheel(server: str, python: Path, tmp_path: Path):
    with served(SERVERS[server], python, tmp_path) as (url, log):
        health = requests.get(f"{url}/api/v1/health", timeout=60)
        assert health.json()["version"] == csserv.__version__
        page = requests.get(f"{url}/app", timeout=60)
        assert page.status_code == 200
        assert "<title>csserv</title>" in page.text
    assert "Traceback" not in log.read_text()


@contextmanager
def served(words: str, python: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Serve an empty home, away from the clone; gives the address and what the server says."""
    port = free_port()
    package = site(python) / "csserv"
    command = words.format(python=python, package=package, port=port).split()
    url, log = f"http://127.0.0.1:{port}", folder / "server.log"
    variables = environment({"home": folder / "home", "data": folder / "data"})
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=variables, stdout=output, stderr=output)

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return requests.get(f"{url}/api/v1/health", timeout=60).status_code == 200
        except requests.ConnectionError:
            return False

    try:
        eventually(answers, 120, "it does not answer", pause=0.2)
        yield url, log
    finally:
        children = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait(60)
        eventually(lambda: all(map(has_ended, children)), what="something outlives it")
