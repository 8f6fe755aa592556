"""Open a service: that of this machine, or that of a server."""

from __future__ import annotations

from csserv.errors import SettingsError
from csserv.remote import RemoteService
from csserv.service import Service
from csserv.settings import Settings, read_settings


def connect(
    where: Settings | str | None = None, token: str | None = None
) -> Service | RemoteService:
    """Open a service; nothing has to be started beforehand on this machine.

    Parameters
    ----------
    where : settings of this machine's service, read from the environment if not given; or the
        address of a server, such as ``"https://rain.example.org"``
    token : where that server asks for one

    Raises
    ------
    UnreachableError : no csserv answers at the address
    """
    if isinstance(where, str):
        if not where.startswith(("http://", "https://")):
            raise SettingsError(f"{where!r} is no address; write https://rain.example.org")
        return RemoteService(where, token)
    return Service(where or read_settings())
