"""The table of providers: where each product is published, how, and by whom."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from csserv.errors import InvalidRequestError, SettingsError, UnknownDatasetError, nearest
from csserv.ingest.products.name_template import NameTemplate
from csserv.ingest.products.step_length import StepLength

#: the built-in table
TABLE = Path(__file__).parent.parent / "providers.toml"

#: what the date in the name of a file may be of its step
LABELS = ("start", "centre", "end")

#: streams of products, the better first; any other name may be one, too
FINAL, PRELIMINARY = "final", "preliminary"


@dataclass(frozen=True)
class Product:
    """One product of a provider: a row of ``providers.toml``.

    Attributes
    ----------
    name : of the dataset in the catalog
    family : how its files are found: a key of ``csserv.ingest.families.family_table.FAMILIES``
    base : address that the streams lie below; ends with a slash
    form : what a file is, such as "geotiff" or "netcdf"
    step : length of its steps
    since : first day
    streams : name → template of addresses; the best first
    late : how long after its days it appears, in words
    login : whose account is needed, such as "earthdata"; empty for none
    until : last day, where it has ended
    parallel : most connections at once
    pause : least time from one request to the next [s], where a server bans who is quicker
    ban : how long a server that answers 403 bans [hours], where it does
    variable : name in NetCDF, HDF5 or GRIB files, ``group/name`` in a group
    units : of the values
    missing : stored numbers that mean missing, besides those that files state
    scale, offset : where files do not state it
    label : whether the date in a name is the "start" of its step, the "centre", or the "end", which
        is the day after its last one
    dated : whether time is a dimension of the numbers in a NetCDF or HDF5 file
    further : of this family alone, such as the collection of a search
    facts : public pages and programs that agree on all this
    checked : whether it has been fetched over the network
    note : what one must know
    unfit : why it cannot be fetched, though it is known how; empty where it can
    """

    name: str
    family: str
    base: str
    form: str
    step: StepLength
    since: date
    streams: Mapping[str, NameTemplate] = field(hash=False)
    late: str = ""
    login: str = ""
    until: date | None = None
    parallel: int = 4
    pause: float = 0.0
    ban: float = 0.0
    variable: str = ""
    units: str = ""
    missing: tuple[float, ...] = ()
    scale: float | None = None
    offset: float | None = None
    label: str = "start"
    dated: bool = True
    resolution: str = ""
    further: Mapping[str, Any] = field(default_factory=dict, hash=False)
    facts: tuple[str, ...] = ()
    checked: bool = False
    note: str = ""
    unfit: str = ""

    @classmethod
    def of(cls, name: str, row: Mapping[str, Any]) -> Product:
        """Make it of a row.

        Raises
        ------
        SettingsError : a field is missing, unknown, or holds what it may not
        """
        try:
            return cls(name=name, **_fields(row))
        except (TypeError, ValueError) as error:
            raise SettingsError(f"provider {name}: {error}") from None
        except SettingsError as error:
            raise SettingsError(f"provider {name}: {error}") from None

    @property
    def host(self) -> str:
        """The machine that answers, which limits count for."""
        return urlsplit(self.base).netloc

    @property
    def machine(self) -> str:
        """Address of that machine, without folders."""
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"

    def check_fit(self) -> None:
        """Check that the product can be fetched.

        Raises
        ------
        InvalidRequestError : it cannot; says why
        """
        if self.unfit:
            raise InvalidRequestError(f"{self.name} cannot be fetched: {self.unfit}")

    def rank(self, stream: str) -> int:
        """Place of a stream among those of the product: 0 is the best; unknown ones are last."""
        order = list(self.streams)
        return order.index(stream) if stream in order else len(order)

    def check_stream(self, stream: str) -> None:
        """Check that the product has a stream.

        Raises
        ------
        InvalidRequestError : it has not; says which it has
        """
        if stream not in self.streams:
            raise InvalidRequestError(
                f"{self.name} has no stream {stream!r}; it has {', '.join(self.streams)}"
            )


@dataclass(frozen=True)
class Products(Mapping[str, Product]):
    """All products that can be fetched, by the name of their dataset."""

    rows: Mapping[str, Product]

    @classmethod
    def read(cls, base: str | None = None, path: Path = TABLE) -> Products:
        """Read the table.

        Parameters
        ----------
        base : where files lie in place of the addresses in the table (``CSSERV_PROVIDER_BASE``):
            an address that all lie below, each in a folder called like its machine; or
            ``name=address`` of one product, or several of these, separated by commas

        Raises
        ------
        SettingsError : the table, or ``base``, is not readable
        """
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path.name} cannot be read: {error}") from None
        moved = _Bases.parse(base or "")
        moved.check_names(list(table))
        rows = {name: Product.of(name, moved.apply(name, row)) for name, row in table.items()}
        return cls(MappingProxyType(rows))

    def __getitem__(self, name: str) -> Product:
        """Return a product by its name.

        Raises
        ------
        UnknownDatasetError : no such product; names the nearest
        """
        if name not in self.rows:
            raise UnknownDatasetError(name, self.rows)
        return self.rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class _Bases:
    """Where files lie in place of the addresses in the table."""

    every: str = ""
    of_one: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> _Bases:
        every, of_one = "", {}
        for part in filter(None, (one.strip() for one in text.split(","))):
            name, equals, address = part.rpartition("=")
            if urlsplit(address).scheme not in ("http", "https"):
                raise SettingsError(
                    f"CSSERV_PROVIDER_BASE: {part!r}; write an address such as "
                    "https://mirror.example.org/, or chirps3=https://mirror.example.org/chirps/"
                )
            address = address.rstrip("/") + "/"
            if equals:
                of_one[name.strip()] = address
            else:
                every = address
        return cls(every, of_one)

    def check_names(self, known: list[str]) -> None:
        for name in self.of_one:
            if name not in known:
                near = " or ".join(nearest(name, known)) or ", ".join(known[:5])
                raise SettingsError(f"CSSERV_PROVIDER_BASE: no product {name!r}; known is {near}")

    def apply(self, name: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
        old = str(row.get("base", ""))
        if name in self.of_one:
            return {**row, "base": self.of_one[name], "pause": 0.0, "ban": 0.0}
        if not self.every:
            return row
        parts = urlsplit(old)
        # a mirror is somebody's own: it bans nobody for asking quickly
        return {**row, "base": f"{self.every}{parts.netloc}{parts.path}", "pause": 0.0, "ban": 0.0}


#: fields of a row that are known by another name here
_RENAMED = {"field": "variable"}

#: fields that only some families have; they are handed on as they are
_FURTHER = ("collection", "request")


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    own = {_RENAMED.get(name, name): value for name, value in row.items() if name not in _FURTHER}
    own["streams"] = {
        name: NameTemplate(text) for name, text in dict(own.get("streams", {})).items()
    }
    if not own["streams"]:
        raise SettingsError("streams are missing")
    own["step"] = StepLength.parse(str(own.get("step", "")))
    own["missing"] = tuple(float(one) for one in own.get("missing", ()))
    own["facts"] = tuple(own.get("facts", ()))
    own["further"] = {name: row[name] for name in _FURTHER if name in row}
    if own.get("label", "start") not in LABELS:
        raise SettingsError(f"label {own['label']!r}; allowed are {', '.join(LABELS)}")
    own["base"] = str(own.get("base", "")).rstrip("/") + "/"
    return own
