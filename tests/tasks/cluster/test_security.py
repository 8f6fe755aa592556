"""TLS between real processes, and ports that stay shut."""

from __future__ import annotations

import datetime
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from cryptography import x509
from distributed import Client

from csserv import Settings
from csserv.cli import main
from csserv.errors import SettingsError
from csserv.tasks.cluster.connection import open_cluster
from csserv.tasks.cluster.listening import check_address, check_binding
from csserv.tasks.cluster.security import (
    days_left,
    make_certificates,
    make_own_certificates,
    read_security,
)
from csserv.tasks.cluster.worker_pool import WorkerPool
from csserv.tasks.run.cluster_connection import ClusterConnection
from tests.processes import CSSERV, Supervisor, environment, eventually, free_port


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_certificates(tmp_path / "tls", ["rain.example", "10.1.2.3"])
    return tmp_path / "tls"


def test_certificate_names_the_machines(folder: Path):
    cert = x509.load_pem_x509_certificate((folder / "cert.pem").read_bytes())
    names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "rain.example"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == [
        "127.0.0.1",
        "10.1.2.3",
    ]
    ca = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    cert.verify_directly_issued_by(ca)
    assert 700 < days_left(folder) <= 730


def test_keys_are_for_their_owner_only(folder: Path):
    for name in ("ca-key.pem", "key.pem"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_new_certificate_keeps_the_ca(folder: Path):
    ca, cert = (folder / "ca.pem").read_bytes(), (folder / "cert.pem").read_bytes()
    make_certificates(folder, ["another.example"])
    assert (folder / "ca.pem").read_bytes() == ca
    assert (folder / "cert.pem").read_bytes() != cert


@pytest.mark.parametrize("name", ["ca.pem", "cert.pem", "key.pem"])
def test_missing_file_is_named_with_what_mends_it(folder: Path, name: str):
    (folder / name).unlink()
    with pytest.raises(SettingsError, match=rf"{name} is missing.*csserv certificates"):
        read_security(folder)


def test_expired_certificate_is_told(folder: Path):
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=731)
    with time_machine.travel(later), pytest.raises(SettingsError, match="has expired on 20"):
        read_security(folder)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_machine_alone_needs_no_tls(host: str):
    check_binding(host, None, insecure=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3"])
def test_others_are_let_in_only_with_tls_or_when_told(folder: Path, host: str):
    with pytest.raises(SettingsError, match=f"listen on {host} without TLS.*--insecure"):
        check_binding(host, None, insecure=False)
    check_binding(host, folder, insecure=False)
    check_binding(host, None, insecure=True)


def test_address_and_settings_agree(folder: Path):
    check_address("tcp://a:1", None)
    check_address("tls://a:1", folder)
    with pytest.raises(SettingsError, match="needs certificates"):
        check_address("tls://a:1", None)
    with pytest.raises(SettingsError, match="not tcp://a:1"):
        check_address("tcp://a:1", folder)


@pytest.fixture
def server(folder: Path, settings: Settings) -> Iterator[tuple[str, Supervisor]]:
    own = environment({"home": settings.home, "data": settings.data, "tls": folder})
    own |= {"CSSERV_CATALOG": str(settings.catalog)}
    port = free_port()
    address = f"tls://127.0.0.1:{port}"
    with Supervisor(own, folder.parent / "logs") as processes:
        processes.start("scheduler", [*CSSERV, "start-scheduler", "--port", str(port)])
        processes.start("worker", [*CSSERV, "start-worker", "--scheduler", address])
        yield address, processes


@pytest.mark.slow
def test_task_runs_over_tls_and_strangers_are_refused(
    server: tuple[str, Supervisor], folder: Path, settings: Settings
):
    address, processes = server
    words = ["rain", "mean", "--box", "30", "0", "32", "2", "--period", "2019-01"]
    run = [*CSSERV, "run", "--scheduler", address, "--until-empty"]
    for command in ([*CSSERV, "submit", *words], run):
        subprocess.run(command, env=processes.variables, check=True, timeout=120)
    done = subprocess.run(
        [*CSSERV, "tasks"], env=processes.variables, text=True, capture_output=True, check=True
    )
    assert "succeeded" in done.stdout
    with open_cluster(address, 1, "1GiB", read_security(folder)) as cluster:
        assert [one.state for one in cluster.workers()] == ["idle"]
    own = settings.model_copy(update={"scheduler": address, "tls": folder})
    with closing(WorkerPool(own, ClusterConnection(own))) as pool:
        (name,) = pool.start()
        eventually(lambda: name in [one.uuid for one in pool.list()])
        pool.stop(name)
    stranger = folder.parent / "stranger"
    make_certificates(stranger, [])
    with pytest.raises(OSError, match="TLS certificate does not match"):
        Client(address, security=read_security(stranger), timeout="3s", set_as_default=False)


@pytest.mark.slow
def test_own_cluster_lets_nobody_in_who_cannot_read_the_home(settings: Settings):
    own = environment({"home": settings.home, "data": settings.data})
    own |= {"CSSERV_CATALOG": str(settings.catalog)}
    with Supervisor(own, settings.home.parent / "logs") as processes:
        processes.start("run", [*CSSERV, "run"])
        path = settings.home / "scheduler"
        eventually(path.exists, what="the runner has no cluster")
        address = path.read_text()
        assert address.startswith("tls://127.0.0.1:")
        modes = {one: stat.S_IMODE(one.stat().st_mode) for one in settings.home.rglob("*")}
        others = {str(one): oct(mode) for one, mode in modes.items() if mode & 0o077}
        assert others == {}
        assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
        stranger = settings.home.parent / "stranger"
        make_certificates(stranger, [])
        with pytest.raises(OSError, match="TLS certificate does not match"):
            Client(address, security=read_security(stranger), timeout="3s", set_as_default=False)
        with pytest.raises(OSError, match=r"reset|timed out|in time"):
            Client(address.replace("tls", "tcp"), timeout="3s", set_as_default=False)
        with closing(WorkerPool(settings, ClusterConnection(settings))) as pool:
            known = {one.uuid for one in pool.list()}
            (name,) = pool.start()
            eventually(lambda: {one.uuid for one in pool.list()} == {*known, name})
        words = [*CSSERV, "start-worker", "--scheduler", address, "--name", "by-hand"]
        processes.start("by hand", words)  # the certificates are found in the home
        seen = [*CSSERV, "workers"]
        eventually(
            lambda: "by-hand" in subprocess.check_output(seen, env=own, text=True),
            what="the worker did not join",
        )


def test_own_certificates_are_kept_until_they_end_soon(tmp_path: Path):
    folder = make_own_certificates(tmp_path)
    first = (folder / "cert.pem").read_bytes()
    assert make_own_certificates(tmp_path) == folder
    assert (folder / "cert.pem").read_bytes() == first
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=680)):
        make_own_certificates(tmp_path)
        assert (folder / "cert.pem").read_bytes() != first
        assert days_left(folder) > 700


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["start-scheduler", "--host", "0.0.0.0"], 1, "without TLS"),
        (["start-worker"], 1, "which scheduler?"),
        (["start-worker", "--scheduler", "tls://127.0.0.1:1"], 1, "needs certificates"),
        (["start-worker", "--scheduler", "tcp://127.0.0.1:1", "--host", "0.0.0.0"], 1, "TLS"),
        (["start-worker", "-n", "2", "--name", "a", "--scheduler", "tcp://a:1"], 2, "for one"),
        (["start-worker", "--lifetime", "soon"], 2, "'soon' is no duration; write 90s"),
    ],
)
def test_launch_that_makes_no_sense_is_refused(
    tmp_path: Path, words: list[str], code: int, said: str
):
    done = CliRunner(env={"CSSERV_HOME": str(tmp_path)}).invoke(main, words)
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr
