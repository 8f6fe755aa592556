"""Checks of who can reach what: secrets of the home, the runner's own cluster, callers."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from csserv.doctor.finding import Finding, ok, problem, warning
from csserv.errors import SettingsError
from csserv.settings import Settings
from csserv.tasks.run.process import find_address

#: files of a home that only its owner may read: patterns
SECRETS = (
    *("keys.json", "tokens.json", "users.json", "ended_logins.json", "favourites/*.json"),
    "*tls/*key.pem",
)


def check_secrets(settings: Settings) -> Iterator[Finding]:
    """Check that others can read neither keys nor tokens of the home."""
    home = settings.home
    if not home.is_dir():  # told by the check of the folders
        return
    paths = [path for pattern in SECRETS for path in sorted(home.glob(pattern))]
    shown = [path for path in paths if is_shown(path, home)]
    for path in shown:
        yield problem("secrets", f"{path} can be read by others", f"chmod 600 {path}")
    if not shown:
        yield ok("secrets", "keys and tokens are their owner's alone")


def check_own_scheduler(settings: Settings) -> Iterator[Finding]:
    """Check that the cluster that a runner has started on this machine speaks TLS."""
    if settings.scheduler:  # told by the check of TLS
        return
    try:
        address = find_address(settings)
    except SettingsError:  # no runner works, or it has no workers yet
        return
    if address.startswith("tls:"):
        yield ok("own cluster", f"{address} speaks TLS")
        return
    said = f"{address} is open to all accounts of this machine, without TLS"
    mend = "stop the runner or server that started it, and start it again with this version"
    yield problem("own cluster", said, mend)


def check_callers(settings: Settings) -> Iterator[Finding]:
    """Check whether the settings let in more callers than they may be meant to."""
    sound = True
    if settings.access == "open":
        sound = False
        said = "whoever reaches the server may submit without a token (CSSERV_ACCESS=open)"
        yield warning("callers", said, "CSSERV_ACCESS=auto, and csserv tokens add NAME")
    if "*" in settings.allowed_origins:
        sound = False
        said = "pages of any web site may ask from a browser (CSSERV_ORIGINS=*)"
        yield warning("callers", said, "name the sites in CSSERV_ORIGINS")
    if sound:
        yield ok("callers", "others need a token or a login, and pages of other sites are refused")


def is_shown(path: Path, home: Path) -> bool:
    """Whether the group or everybody can read a file of the home, and come to it."""
    mode = path.stat().st_mode
    folders = [one for one in path.parents if one == home or home in one.parents]
    ways = [one.stat().st_mode for one in folders]
    group = mode & stat.S_IRGRP and all(way & stat.S_IXGRP for way in ways)
    others = mode & stat.S_IROTH and all(way & stat.S_IXOTH for way in ways)
    return bool(group or others)
