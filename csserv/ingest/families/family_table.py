"""The kinds of sources, by name: a new one is a module and a row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from csserv.ingest.families.addresses import list_addresses
from csserv.ingest.families.cds import list_months, make_file
from csserv.ingest.families.cmr import list_granules
from csserv.ingest.families.folders import list_folders
from csserv.ingest.products.product_table import Product
from csserv.ingest.products.remote_file import RemoteFile
from csserv.ingest.stored.box import Box
from csserv.ingest.web.asking import PARTING, Web
from csserv.request import Period

ListFiles: TypeAlias = Callable[[Web, Product, Period], list[RemoteFile]]
Prepare: TypeAlias = Callable[[Web, Product, RemoteFile, Sequence[datetime], Box | None], str]


def as_listed(
    web: Web, product: Product, file: RemoteFile, steps: Sequence[datetime], box: Box | None
) -> str:
    """Return the address of a file that is there already."""
    return file.address


@dataclass(frozen=True)
class Family:
    """A kind of source.

    Attributes
    ----------
    list_files : lists what there is of a product in a period
    prepare : returns where a file lies, once it has been made
    tells_gaps : whether a step that is not listed is not there
    leave : how long its downloads may take to end when a fetch is stopped [s]
    """

    list_files: ListFiles
    prepare: Prepare = as_listed
    tells_gaps: bool = True
    leave: float = 1.0

    @property
    def has_files(self) -> bool:
        """Whether files are there before they are asked for."""
        return self.prepare is as_listed


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "folders": Family(list_folders),
        "addresses": Family(list_addresses, tells_gaps=False),
        "cmr": Family(list_granules),
        # a job that nobody waits for is called off: that is one request more
        "cds": Family(list_months, make_file, tells_gaps=False, leave=PARTING + 1.0),
    }
)
