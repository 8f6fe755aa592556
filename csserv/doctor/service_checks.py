"""Checks of the service: task log, TLS, datasets, boundaries."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from csserv.catalog import Catalog, CatalogEntry, Granule
from csserv.catalog.adding import over_time_by_numbers
from csserv.catalog.entry import day
from csserv.catalog.header_store.dataset_headers import wait_for
from csserv.catalog.own_layers import LayerFolder, open_layers
from csserv.catalog.plausibility.suspicion import Suspicion
from csserv.catalog.plausibility.value_checks import check_values
from csserv.catalog.timeline.running_sums import ACCUMULATED, ENDLESS
from csserv.doctor.finding import Finding, ok, problem, warning
from csserv.errors import CsservError, SilentFileError
from csserv.machine.patience import Patience, Touch
from csserv.settings import Settings
from csserv.tasks.cluster.listening import check_address, is_loopback
from csserv.tasks.cluster.security import days_left, tls_files
from csserv.tasks.log.task import TaskState
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.leadership import RunnerState, runner_state
from csserv.views.parts.amounts import counted

SILENT = "look at its disk, or the server that has it; its tasks go on once it answers"

#: notes on an archive that its keeper should know of
TOLD = ("calendar", "overlap", "units", "variable")


def check_log(settings: Settings) -> Iterator[Finding]:
    """Check that the task log can be read, and that a runner runs its tasks."""
    log = TaskLog(settings.home)
    states = [task.state for task in log.all()]
    waiting = states.count(TaskState.QUEUED)
    running = states.count(TaskState.RUNNING)
    yield ok("task log", f"{log.path} opens: {waiting} tasks queued, {running} running")
    state = runner_state(settings.home)
    for one in state.silent:
        yield problem("task log", f"the runner waits: {one}", SILENT)
    if state.stalled:
        said, *_ = state.troubles
        mend = "start another, which takes over: csserv run; then end this one"
        yield problem("task log", said, mend)
    elif state.leads:
        yield ok("task log", f"a runner leads it{_since(state)}")
    elif waiting + running:
        yield problem("task log", "tasks wait and no runner works", "start one: csserv run")
    else:
        yield warning("task log", "no runner works", "start one when tasks come: csserv run")


def _since(state: RunnerState) -> str:
    return "" if state.age is None else f", with a sign of life {state.age:.0f} s ago"


def check_datasets(settings: Settings) -> Iterator[Finding]:
    """Check the files of each dataset: each by itself, and all as one archive."""
    patience = Patience(settings.file_timeout)
    catalog = Catalog.read(settings.data, settings.catalog, settings.cache, patience)
    here = list(catalog.here().values())
    for entry in here:
        yield from _dataset(entry)
    yield from (
        warning(
            "datasets", f"{entry.name}: no files called {entry.files}", "see `files` in its row"
        )
        for entry in catalog.values()
        if not entry.built_in and entry not in here
    )
    if not here:
        yield warning(
            "datasets", "no dataset has files here", "csserv fetch --list, or datasets add --help"
        )


def check_numbers(settings: Settings) -> Iterator[Finding]:
    """Check cells of the first and the last file of each dataset for values read wrongly."""
    sound, patience = 0, Patience(settings.file_timeout)
    for entry in Catalog.read(settings.data, settings.catalog, patience=patience).values():
        granules = entry.granules if entry.is_here else []
        ends = [*granules[:1], *granules[1:][-1:]]
        found = next((told for one in ends if (told := _suspicions(entry, one, patience))), [])
        yield from (warning("numbers", f"{entry.name}: {one.said}", one.remedy) for one in found)
        sound += bool(granules) and not found
    yield ok("numbers", f"nothing implausible in the cells checked of {counted(sound, 'dataset')}")


def check_boundaries(settings: Settings) -> Iterator[Finding]:
    """Check that the bundled boundaries can be read, and the layers that somebody has added."""
    own = LayerFolder(settings.data)
    layers = open_layers(own)
    counts = ", ".join(f"{len(layer)} of {layer.id}" for layer in layers.values())
    yield ok("boundaries", counts)
    for name, why in own.broken.items():
        yield problem("boundaries", why, f"csserv layers add {name} FILE --replace")


def check_tls(settings: Settings) -> Iterator[Finding]:
    """Check the TLS certificates, and whether the address of the scheduler needs them."""
    address = settings.scheduler
    if address:
        check_address(address, settings.tls)
    if settings.tls is None:
        if address is None:
            yield ok("TLS", "dask's connections on this machine have certificates of their own")
        elif is_loopback(host_of(address)):
            said = f"{address} is open to all accounts of this machine, without TLS"
            yield warning("TLS", said, "csserv certificates, then set CSSERV_TLS")
        else:
            said = f"{address} is reached without TLS: whoever reaches a dask port can run code"
            yield warning("TLS", said, "csserv certificates, then set CSSERV_TLS")
        return
    key = tls_files(settings.tls)[2]
    if key.stat().st_mode & 0o077:
        yield problem("TLS", f"{key} can be read by others", f"chmod 600 {key}")
    days = days_left(settings.tls)
    said = f"the certificate is valid for {days} more days"
    yield ok("TLS", said) if days >= 30 else warning("TLS", said, "csserv certificates")


def host_of(address: str) -> str:
    """Return the host of a dask address.

    >>> host_of("tcp://10.0.0.1:8786"), host_of("tcp://[::1]:8786"), host_of("localhost:8786")
    ('10.0.0.1', '::1', 'localhost')
    """
    return urlsplit(address if "://" in address else f"tcp://{address}").hostname or ""


def _by_numbers(entry: CatalogEntry) -> str:
    """See whether values grow; that they cannot be read is reported elsewhere."""

    def look(touch: Touch) -> str:
        for granule in entry.granules[:1]:
            touch(granule.path)
            wait_for(granule.path)
            touch(granule.path)
        return over_time_by_numbers(entry)

    try:
        return entry.headers.patience.call(entry.name, look)
    except SilentFileError:
        raise
    except CsservError:
        return ""


def _suspicions(entry: CatalogEntry, granule: Granule, patience: Patience) -> list[Suspicion]:
    """Check cells of a file; that it cannot be read is reported by another check."""

    def check(touch: Touch) -> list[Suspicion]:
        touch(granule.path)
        wait_for(granule.path)
        touch(granule.path)
        return check_values(granule, entry.select)

    try:
        return patience.call(granule.path, check)
    except SilentFileError:
        raise
    except CsservError:
        return []


def _dataset(entry: CatalogEntry) -> Iterator[Finding]:
    """Check all files of a dataset together: readable, and one archive without contradictions."""
    try:
        timeline = entry.timeline()
    except CsservError as error:
        mend = "fetch the file again; requests that do not need it go on"
        yield problem("datasets", f"{entry.name}: {error}", mend)
        return
    for note in timeline.notes:
        if note.code == "files_skipped":
            mend = "fetch the file again; requests that do not need it go on"
            yield problem("datasets", f"{entry.name}: {note.text}", mend)
        elif note.code in TOLD:
            yield warning("datasets", f"{entry.name}: {note}", "see that this is meant so")
    try:
        grows = _by_numbers(entry)
    except SilentFileError as error:
        yield problem("datasets", f"{entry.name}: {error}", SILENT)
        return
    if grows == ENDLESS and entry.over_time in ("", "sum"):
        said = f"{entry.name}: its values grow from step to step, also over midnight"
        mend = "make amounts of steps of totals, as cdo deltat does; else say over_time in its row"
        yield warning("datasets", said, mend)
    if entry.over_time != ACCUMULATED and grows == ACCUMULATED:
        said = f"{entry.name}: its values grow through each day, and begin anew at 00 UTC"
        mend = "say over_time = 'accumulated' in its row; else sums count them many times"
        yield warning("datasets", said, mend)
    for one in timeline.problems:
        yield problem("datasets", f"{entry.name}: {one.text}", "mend the files, or their row")
    if not timeline.problems:
        first, last = (day((t.year, t.month, t.day)) for t in timeline.ends)
        files = counted(len(timeline.granules), "file")
        yield ok("datasets", f"{entry.name}: {files}, {first} to {last}")
