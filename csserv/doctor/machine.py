"""Checks of this machine: folders, disk, lock, versions."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
from packaging.requirements import Requirement

from csserv.doctor.finding import Finding, ok, problem, warning
from csserv.settings import Settings
from csserv.tasks.lock import FileLock

#: file systems whose locks do not hold between machines, or not at all
REMOTE = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "ceph", "lustre", "glusterfs", "afs", "beegfs")

#: less free than this [bytes]
TOO_FULL, NEARLY_FULL = 2**30, 5 * 2**30

#: another process takes the lock; it does without csserv, which takes a second to import
_HOLD = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR)
try:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit(3)
"""


def check_folders(settings: Settings) -> Iterator[Finding]:
    """Look whether the home can be written to, and the data read."""
    probe = settings.home / ".doctor"
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with probe.open("wb") as file:
            file.write(b"csserv")
            os.fsync(file.fileno())
        probe.unlink()
    except OSError as error:
        mend = f"make {settings.home} a folder of the user that runs csserv, or set CSSERV_HOME"
        yield problem("folders", f"cannot write to {settings.home}: {error.strerror}", mend)
    else:
        yield ok("folders", f"{settings.home} is writable")
    for name in ("archive", "areas", "work", "results"):
        folder = settings.home / name
        if folder.is_dir() and not os.access(folder, os.W_OK):
            yield problem("folders", f"{folder} is not writable", f"chown it to {os.getuid()}")
    if os.access(settings.data, os.R_OK):
        yield ok("folders", f"{settings.data} is readable")
    else:
        mend = "set CSSERV_DATA, or make the samples: csserv sample-data"
        yield problem("folders", f"{settings.data} is missing or not readable", mend)


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Look what disk the home is on, and how much is free."""
    kind = file_system(settings.home, psutil.disk_partitions(all=True))
    if kind.startswith(REMOTE):
        mend = (
            "only workers may use it so: submit and run tasks on the machine that has the disk, "
            "or set CSSERV_HOME to a folder of a local disk"
        )
        yield problem("disk", f"{settings.home} is on {kind}, where the lock does not hold", mend)
    else:
        yield ok("disk", f"{settings.home} is on a local disk ({kind or 'unknown'})")
    yield room(shutil.disk_usage(settings.home).free)
    if not (left := os.statvfs(settings.home)).f_favail and left.f_files:
        yield problem("disk", "no inodes are left", "remove files from the disk of CSSERV_HOME")


def room(free: int) -> Finding:
    """Judge the free space of the home [bytes]."""
    said = f"{free / 2**30:.1f} GiB are free"
    mend = "make room, or keep results for less long (CSSERV_KEEP_DAYS)"
    if free < TOO_FULL:
        return problem("disk", said, mend)
    return warning("disk", said, mend) if free < NEARLY_FULL else ok("disk", said)


def file_system(path: Path, partitions: Sequence[Any]) -> str:
    """Find the kind of file system of a folder: that of the nearest mount point above it."""
    above = [part for part in partitions if path.is_relative_to(part.mountpoint)]
    return str(max(above, key=lambda part: len(part.mountpoint)).fstype) if above else ""


def check_lock(settings: Settings) -> Iterator[Finding]:
    """Take a lock and see that another process cannot, and can when it is free again."""
    path = settings.home / ".doctor.lock"
    lock = FileLock(path)
    try:
        taken = lock.try_acquire()
        while_held = _another_takes(path)
        lock.close()
        after = _another_takes(path)
    finally:
        lock.close()
        path.unlink(missing_ok=True)
    if taken and after and not while_held:
        yield ok("lock", "the lock between processes holds")
    else:
        mend = "set CSSERV_HOME to a folder of a local disk"
        yield problem("lock", "the lock between processes does not hold", mend)


def check_versions(settings: Settings) -> Iterator[Finding]:
    """Compare what is installed with what csserv asks for."""
    count = 0
    for text in importlib.metadata.requires("csserv") or []:
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        count += 1
        mend = f"pip install '{wanted.name}{wanted.specifier}'"
        try:
            found = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            yield problem("versions", f"{wanted.name} is not installed", mend)
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            said = f"{wanted.name} {found} is installed, {wanted.specifier} is needed"
            yield problem("versions", said, mend)
    python = ".".join(map(str, sys.version_info[:3]))
    yield ok("versions", f"Python {python}, {count} packages looked at")


def _another_takes(path: Path) -> bool:
    command = [sys.executable, "-c", _HOLD, str(path)]
    return subprocess.run(command, check=False).returncode == 0
