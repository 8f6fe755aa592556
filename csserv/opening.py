"""Opens the service of this machine or of a server, and verifies results without a service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from csserv.catalog import Catalog
from csserv.errors import SettingsError
from csserv.outputs import Result
from csserv.remote import RemoteService
from csserv.service import Service
from csserv.settings import Settings, read_settings

if TYPE_CHECKING:  # loaded where it is used: rasterio is slow to import
    from csserv.checking import Verification


def connect(
    where: Settings | str | None = None, token: str | None = None
) -> Service | RemoteService:
    """Open the service of this machine's settings, or that of the server at an address.

    :func:`csserv.connect` wraps it for notebooks.

    Raises
    ------
    SettingsError : the address does not begin with http:// or https://
    UnreachableError : no csserv server answers there
    """
    if isinstance(where, str):
        if not where.startswith(("http://", "https://")):
            raise SettingsError(f"{where!r} is no address; write https://rain.example.org")
        return RemoteService(where, token)
    return Service(where or read_settings())


def verify(
    result: Result | Path | str, settings: Settings | None = None, whole: bool = False
) -> Verification:
    """Compute a result again from its JSON, and say whether it is identical or what has changed.

    Parameters
    ----------
    result : a result, or the path of its folder or of its JSON file, which may be a copy
    settings : where the data are; read as by ``connect`` if None
    whole : also read each file byte by byte, and keep the SHA-256 beside the JSON the first time,
        to compare with them later
    """
    from csserv.checking import open_result, verify

    known = settings or read_settings()
    opened = result if isinstance(result, Result) else open_result(Path(result), known.home)
    return verify(opened, Catalog.read(known.data, known.catalog, known.cache), whole)
