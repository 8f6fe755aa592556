"""Which ports of dask may be open, and to whom; and whether one answers."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from csserv.errors import SettingsError


def check_binding(host: str, tls: Path | None, insecure: bool) -> None:
    """Refuse to open a dask port to others without TLS.

    Raises
    ------
    SettingsError : the host is not this machine alone, and nobody insisted
    """
    if tls is not None or insecure or is_loopback(host):
        return
    raise SettingsError(
        f"refusing to listen on {host} without TLS: whoever reaches a dask port can run code. "
        "Make certificates (csserv certificates) and set CSSERV_TLS, listen on 127.0.0.1, or, "
        "where a private network keeps others out, give --insecure"
    )


def check_address(scheduler: str, tls: Path | None) -> None:
    """See that the address and the settings agree on TLS.

    Raises
    ------
    SettingsError : they do not
    """
    if scheduler.startswith("tls://") and tls is None:
        raise SettingsError(
            f"{scheduler} needs certificates: set CSSERV_TLS to the folder that "
            "`csserv certificates` made"
        )
    if not scheduler.startswith("tls://") and tls is not None:
        raise SettingsError(f"CSSERV_TLS is set, so the scheduler is tls://…, not {scheduler}")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine alone."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)} if host else set()
    except OSError:
        raise SettingsError(f"host {host!r} is unknown here") from None
    return bool(found) and all(ipaddress.ip_address(one).is_loopback for one in found)


def is_answered(address: str, timeout: float = 3.0) -> bool:
    """Whether something listens at the address of a scheduler.

    Parameters
    ----------
    address : such as tcp://10.0.0.1:8786
    timeout : how long to try [s]
    """
    where = urlsplit(address if "://" in address else f"tcp://{address}")
    with (
        suppress(OSError, ValueError),
        socket.create_connection((where.hostname or "", where.port or 8786), timeout),
    ):
        return True
    return False
