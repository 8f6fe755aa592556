"""Commands that start a dask scheduler and workers, and make TLS certificates for them."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import click

from csserv.cli.group import main, with_overrides
from csserv.errors import SettingsError
from csserv.settings import Settings
from csserv.tasks.cluster.listening import check_address, check_binding, is_answered
from csserv.tasks.cluster.short_memory import short_memory_variables
from csserv.tasks.cluster.worker_template import worker_environment
from csserv.tasks.work import LOADED

#: no retries by dask, which are the task log's; a worker is given up after a minute of silence; no
#: tick 50 times a second, nor samples of stacks 100 times, when there is nothing to do
SCHEDULER_ENVIRONMENT = short_memory_variables() | {
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "60s",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
}

#: keeps dask's web server, which runs even without its dashboard, from listening to others
NO_WEB = ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]

#: said of a scheduler without TLS
OPEN_HERE = (
    "without TLS, whoever has an account on this machine can run code as you; "
    "csserv certificates makes what CSSERV_TLS needs"
)

#: the module that runs dask's own command
DASK = "csserv.tasks.cluster.dask_process"

#: a worker ends when it has not found its scheduler for so long [s]
DEATH_TIMEOUT = 60

insecure_option = click.option(
    "--insecure", is_flag=True, help="Listen to others without TLS; a private network must guard."
)
host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address of this machine to listen on."
)


class Duration(click.ParamType[str]):
    """A duration as dask writes it, such as 90s, 10m, 12h or 7days."""

    name = "duration"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the duration unchanged, if it is one."""
        from dask.utils import parse_timedelta  # dask is slow to import

        try:
            if parse_timedelta(value, default="s") > 0:
                return value
        except (ValueError, KeyError):
            pass
        return self.fail(f"{value!r} is no duration; write 90s, 10m, 12h or 7days", param, ctx)


@main.command("start-scheduler")
@host_option
@click.option("--port", default=8786, show_default=True, type=click.IntRange(1, 65535))
@insecure_option
@click.pass_obj
def start_scheduler(settings: Settings, host: str, port: int, insecure: bool) -> None:
    """Start a dask scheduler, in the foreground."""
    check_binding(host, settings.tls, insecure)
    if settings.tls is None:
        click.echo(OPEN_HERE, err=True)
    scheme = "tls" if settings.tls else "tcp"
    words = ["scheduler", "--host", f"{scheme}://{host}:{port}", *_tls(settings.tls)]
    _become_dask([*words, *NO_WEB], SCHEDULER_ENVIRONMENT)


@main.command("start-worker")
@click.option("--scheduler", help="Address of the dask scheduler.  [CSSERV_SCHEDULER]")
@click.option("--name", help="Its uuid.  [default: a new one]")
@click.option("--memory-limit", help="Memory it may use, e.g. 4GiB.  [CSSERV_MEMORY_LIMIT]")
@host_option
@click.option("-n", "--count", default=1, show_default=True, type=click.IntRange(1, 256))
@click.option("--stagger", default=0.0, type=click.FloatRange(0), help="Seconds between starts.")
@click.option("--lifetime", type=Duration(), help="Recycle it after this time, e.g. 7days.")
@click.option("--lifetime-stagger", type=Duration(), help="Spread that by so much, e.g. 10m.")
@click.option("--local-directory", type=click.Path(path_type=Path), help="For its scratch files.")
@insecure_option
@click.pass_obj
def start_worker(
    settings: Settings,
    scheduler: str | None,
    name: str | None,
    memory_limit: str | None,
    host: str,
    count: int,
    stagger: float,
    lifetime: str | None,
    lifetime_stagger: str | None,
    local_directory: Path | None,
    insecure: bool,
) -> None:
    """Start a worker, or several, in the foreground; each does one call at a time.

    A worker ends when its scheduler does, or is not found within a minute: let something start
    it again, as deploy/csserv-worker@.service does.
    """
    own = with_overrides(settings, scheduler=scheduler, memory_limit=memory_limit)
    if not own.scheduler:
        raise SettingsError(
            "which scheduler? give --scheduler or CSSERV_SCHEDULER, e.g. tcp://127.0.0.1:8786"
        )
    if name and count > 1:
        raise click.UsageError("--name is for one worker; with -n each gets a uuid of its own")
    tls = _certificates_for(own)
    check_address(own.scheduler, tls)
    check_binding(host, tls, insecure)
    _await_scheduler(own.scheduler)
    options = {
        "--host": host,
        "--nthreads": "1",
        "--memory-limit": own.memory_limit,
        "--death-timeout": str(DEATH_TIMEOUT),
        "--lifetime": lifetime,
        "--lifetime-stagger": lifetime_stagger,
        "--local-directory": local_directory and str(local_directory),
    }
    words = [word for key, value in options.items() if value for word in (key, value)]
    words += ["--lifetime-restart"] if lifetime else []
    words += [word for module in LOADED for word in ("--preload", module)]
    words = ["worker", own.scheduler, *NO_WEB, *words, *_tls(tls)]
    names = [name or str(uuid4()) for _ in range(count)]
    if count == 1:
        click.echo(names[0])
        sys.stdout.flush()
        _become_dask([*words, "--name", names[0]], worker_environment())
        return
    os.environ.update(worker_environment() | os.environ)
    _start_several([sys.executable, "-m", DASK, *words], names, stagger)


@main.command()
@click.option("--host", "hosts", multiple=True, help="Name or address of a machine; repeatable.")
@click.option("--folder", type=click.Path(path_type=Path), help="[default: <CSSERV_HOME>/tls]")
@click.pass_obj
def certificates(settings: Settings, hosts: tuple[str, ...], folder: Path | None) -> None:
    """Make a private CA and certificates, so that dask can speak TLS."""
    from csserv.tasks.cluster.security import make_certificates  # cryptography is slow to import

    place = (folder or settings.tls or settings.home / "tls").absolute()
    for path in make_certificates(place, hosts):
        click.echo(path)
    click.echo(
        f"\nSet CSSERV_TLS={place} on each machine, and use tls:// addresses.\n"
        "Copy ca.pem, cert.pem and key.pem to the other machines; keep ca-key.pem here.",
        err=True,
    )


def _await_scheduler(address: str) -> None:
    """Wait until something listens where the scheduler is to be.

    Raises
    ------
    SettingsError : nothing did for a minute
    """
    end = time.monotonic() + DEATH_TIMEOUT
    if not is_answered(address):
        click.echo(f"no dask scheduler answers at {address} yet; waiting for one", err=True)
        while not is_answered(address):
            if time.monotonic() > end:
                raise SettingsError(
                    f"no dask scheduler answers at {address}: start one there (csserv "
                    "start-scheduler), or say where it is with --scheduler or CSSERV_SCHEDULER"
                )
            time.sleep(1.0)


def _certificates_for(settings: Settings) -> Path | None:
    """Return the folder of certificates for the scheduler of the settings."""
    if settings.tls is not None or not str(settings.scheduler).startswith("tls:"):
        return settings.tls
    from csserv.tasks.cluster.security import find_certificates  # cryptography is slow to import

    return find_certificates(settings.tls, settings.home, str(settings.scheduler))


def _tls(folder: Path | None) -> list[str]:
    if folder is None:
        return []
    from csserv.tasks.cluster.security import tls_files  # cryptography is slow to import

    ca, cert, key = map(str, tls_files(folder))
    return ["--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key]


def _become_dask(words: list[str], environment: dict[str, str]) -> None:
    """Become dask's own command: in this process, which has read half a second of its code."""
    os.environ.update(environment | os.environ)
    sys.argv[1:] = words
    runpy.run_module(DASK, run_name="__main__", alter_sys=True)


def _start_several(command: list[str], names: list[str], stagger: float) -> None:
    """Start workers one after the other, pass signals on to them, and wait until all have ended."""
    running: list[subprocess.Popen[bytes]] = []
    signals: list[int] = []

    def pass_on(number: int, frame: object) -> None:
        signals.append(number)
        for process in running:
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    for place, name in enumerate(names):
        end = time.monotonic() + (stagger if place else 0)
        while time.monotonic() < end and not signals:
            time.sleep(0.1)
        if signals:
            break
        click.echo(name)
        sys.stdout.flush()
        running.append(subprocess.Popen([*command, "--name", name], start_new_session=True))
    for process in running:
        process.wait()
