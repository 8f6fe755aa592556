"""Checks of this machine: folders, disk, lock, versions."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from csserv.doctor.finding import Finding, ok, problem, warning
from csserv.machine.patience import Patience, Touch
from csserv.machine.private_home import make_home, open_to_others
from csserv.settings import Settings
from csserv.tasks.log.disk_use import TOO_FULL
from csserv.tasks.log.lock import FileLock

#: kinds of file systems whose locks do not hold between machines, or not at all
NETWORK_FILE_SYSTEMS = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "sshfs",
    "ceph",
    "lustre",
    "glusterfs",
    "afs",
    "beegfs",
)

#: free space below which a warning is given [bytes]
NEARLY_FULL = 5 * 2**30

#: a warning is given below this share of free space, or of free inodes [1]
NEARLY_FULL_SHARE = 0.05

#: run by another process to take the lock; without csserv, whose import takes a second
_HOLD = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR)
try:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit(3)
"""


def check_folders(settings: Settings) -> Iterator[Finding]:
    """Check that the home folder can be written to, and the data folder read."""
    probe = settings.home / ".doctor"
    try:
        make_home(settings.home)
        with probe.open("wb") as file:
            file.write(b"csserv")
            os.fsync(file.fileno())
        probe.unlink()
    except OSError as error:
        mend = f"make {settings.home} a folder of the user that runs csserv, or set CSSERV_HOME"
        yield problem("folders", f"cannot write to {settings.home}: {error.strerror}", mend)
    else:
        yield ok("folders", f"{settings.home} is writable")
        if open_to_others(settings.home):
            said = f"everybody on this machine can look into {settings.home}: areas, results, keys"
            yield warning("folders", said, f"chmod -R o= {settings.home}")
    for name in ("archive", "areas", "work", "results"):
        folder = settings.home / name
        if folder.is_dir() and not os.access(folder, os.W_OK):
            yield problem("folders", f"{folder} is not writable", f"chown it to {os.getuid()}")
    if _is_readable(settings):
        yield ok("folders", f"{settings.data} is readable")
    else:
        mend = "set CSSERV_DATA, or make the samples: csserv sample-data"
        yield problem("folders", f"{settings.data} is missing or not readable", mend)


def _is_readable(settings: Settings) -> bool:
    def look(touch: Touch) -> bool:
        touch(settings.data)
        return settings.data.is_dir() and os.access(settings.data, os.R_OK | os.X_OK)

    return Patience(settings.file_timeout).call(settings.data, look)


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Check that the home folder is on a local disk, with space left."""
    if not settings.home.is_dir():  # told by the check of the folders
        return
    partitions = psutil.disk_partitions(all=True)
    kind = file_system_of(settings.home.resolve(), partitions)
    if is_network_file_system(kind):
        mend = (
            "only workers may use it so: submit and run tasks on the machine that has the disk, "
            "or set CSSERV_HOME to a folder of a local disk"
        )
        yield problem("disk", f"{settings.home} is on {kind}, where the lock does not hold", mend)
    else:
        yield ok("disk", f"{settings.home} is on a local disk ({kind or 'unknown'})")
    if is_network_file_system(kind := file_system_of(settings.data.resolve(), partitions)):
        yield ok("disk", f"{settings.data} is on {kind}: good for data, if slower to read")
    usage = shutil.disk_usage(settings.home)
    yield free_space(usage.free, usage.total)
    left = os.statvfs(settings.home)
    yield from free_inodes(left.f_favail, left.f_files)


def free_space(free: int, total: int) -> Finding:
    """Return a finding about the free space of the disk of the home folder [bytes]."""
    said = f"{free / 2**30:.1f} GiB are free, {free / max(total, 1):.0%} of the disk"
    mend = "make room, or keep results for less long (CSSERV_KEEP_DAYS)"
    if free < TOO_FULL:
        return problem("disk", said, mend)
    if free < NEARLY_FULL or free < NEARLY_FULL_SHARE * total:
        return warning("disk", said, mend)
    return ok("disk", said)


def free_inodes(free: int, total: int) -> Iterator[Finding]:
    """Yield a finding where few inodes are left; a ``total`` of 0 means that there is no limit."""
    mend = "remove files from the disk of CSSERV_HOME"
    if total and not free:
        yield problem("disk", "no inodes are left", mend)
    elif free < NEARLY_FULL_SHARE * total:
        yield warning("disk", f"{free} inodes are left, {free / total:.0%}", mend)


def file_system_of(path: Path, partitions: Sequence[Any]) -> str:
    """Return the kind of file system that a folder is on, such as "ext4"; "" if unknown.

    Of two partitions with one mount point (autofs lies below what it mounts) the later one counts.

    Parameters
    ----------
    partitions : of psutil, in the order of their mounting
    """
    above = [part for part in reversed(partitions) if path.is_relative_to(part.mountpoint)]
    return str(max(above, key=lambda part: len(part.mountpoint)).fstype) if above else ""


def is_network_file_system(kind: str) -> bool:
    """Whether a kind of file system lies on another machine, so that locks may not hold."""
    return kind.removeprefix("fuse.").startswith(NETWORK_FILE_SYSTEMS)


def check_lock(settings: Settings) -> Iterator[Finding]:
    """Check that a lock keeps other processes out until it is released."""
    if not settings.home.is_dir():  # told by the check of the folders
        return
    mend = "set CSSERV_HOME to a folder of a local disk, which this user can write to"
    try:
        holds = _lock_holds(settings.home / ".doctor.lock")
    except OSError as error:
        yield problem("lock", f"cannot lock a file in {settings.home}: {error.strerror}", mend)
        return
    if holds:
        yield ok("lock", "the lock between processes holds")
    else:
        yield problem("lock", "the lock between processes does not hold", mend)


def check_versions(settings: Settings) -> Iterator[Finding]:
    """Check the versions of Python and of the packages that csserv requires."""
    count = 0
    python = platform.python_version()
    needed = importlib.metadata.metadata("csserv")["Requires-Python"]
    if not SpecifierSet(needed).contains(python, prereleases=True):
        mend = "make a new environment with a newer Python, and install csserv there"
        yield problem("versions", f"this is Python {python}, {needed} is needed", mend)
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
    yield ok("versions", f"Python {python}, {count} packages looked at")


def _lock_holds(path: Path) -> bool:
    """Whether another process can take the lock only while this one does not have it."""
    lock = FileLock(path)
    try:
        taken = lock.try_acquire()
        while_held = _another_takes(path)
        lock.close()
        return taken and not while_held and _another_takes(path)
    finally:
        lock.close()
        path.unlink(missing_ok=True)


def _another_takes(path: Path) -> bool:
    command = [sys.executable, "-c", _HOLD, str(path)]
    return subprocess.run(command, check=False).returncode == 0
