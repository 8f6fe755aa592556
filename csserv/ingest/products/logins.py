"""The accounts that providers ask for: how one gets one, and where csserv finds it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True)
class Login:
    """A kind of account.

    Attributes
    ----------
    advice : what to do to have one
    headers : returns what is sent with each request, of the variables of this process
    machines : ends of the names of the machines that may see it, besides the product's own
    elsewhere : whether who is not logged in is sent to another machine
    """

    advice: str
    headers: Callable[[Mapping[str, str]], dict[str, str]]
    machines: tuple[str, ...] = ()
    elsewhere: bool = False


def _none(_: Mapping[str, str]) -> dict[str, str]:
    return {}


def _earthdata(variables: Mapping[str, str]) -> dict[str, str]:
    token = variables.get("EARTHDATA_TOKEN", "").strip()
    return {"Authorization": f"Bearer {token}"} if token else {}


def _cds(variables: Mapping[str, str]) -> dict[str, str]:
    key = variables.get("CDSAPI_KEY", "").strip() or _key_of_file(
        Path(variables.get("CDSAPI_RC", "~/.cdsapirc")).expanduser()
    )
    return {"PRIVATE-TOKEN": key} if key else {}


def _key_of_file(path: Path) -> str:
    """Read the line ``key: …`` of a file as cdsapi has it; empty if there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return ""
    found = (line.partition(":")[2].strip() for line in lines if line.startswith("key:"))
    return next(found, "")


#: name in the table of providers → what it is; names and passwords of others are read from ~/.netrc
LOGINS: Mapping[str, Login] = MappingProxyType(
    {
        "": Login("", _none),
        "netrc": Login("put its machine, your login and password into ~/.netrc", _none),
        "earthdata": Login(
            "make a free account at https://urs.earthdata.nasa.gov and put `machine "
            "urs.earthdata.nasa.gov login NAME password WORD` into ~/.netrc, or a token into "
            "EARTHDATA_TOKEN",
            _earthdata,
            (".earthdata.nasa.gov", ".earthdatacloud.nasa.gov"),
            elsewhere=True,
        ),
        "cds": Login(
            "make a free account at https://cds.climate.copernicus.eu, accept the licence on the "
            "page of the dataset, and put your key into CDSAPI_KEY or `key: …` into ~/.cdsapirc",
            _cds,
        ),
    }
)


def headers_of(login: str, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what is sent with each request to a provider."""
    return LOGINS[login].headers(os.environ if variables is None else variables)
