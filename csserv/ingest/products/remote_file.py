"""One file of a provider: which steps it holds, of which stream, and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from csserv.ingest.products.product_table import Product
from csserv.request import Period


@dataclass(frozen=True)
class RemoteFile:
    """A file of a provider.

    Attributes
    ----------
    start, end : of its step, or of all the steps that it holds
    stamp : what a listing says of its version (date, size); empty where it says nothing
    size : [bytes]; None if it is not known before
    """

    stream: str
    address: str
    name: str
    start: datetime
    end: datetime
    stamp: str = ""
    size: int | None = None


def file_named(
    product: Product, stream: str, name: str, address: str, stamp: str = ""
) -> RemoteFile | None:
    """Take a file by its name; None for files of other kinds."""
    template = product.streams[stream]
    moment = template.date_in(name)
    if moment is None:
        return None
    shift = _shift(product)
    if (end := template.span_end(moment)) and end > product.step.end(moment):
        return RemoteFile(stream, address, name, moment - shift, end - shift, stamp)
    start = moment - shift
    return RemoteFile(stream, address, name, start, product.step.end(start), stamp)


def moment_in_name(product: Product, start: datetime) -> datetime:
    """Return the moment that the name of a step's file tells."""
    return start + _shift(product)


def _shift(product: Product) -> timedelta:
    """Return the time from the start of a step to the moment in its name."""
    length = product.step.length
    return {"start": timedelta(0), "centre": length / 2, "end": length}[product.label]


def in_period(file: RemoteFile, period: Period) -> bool:
    """Whether a step of a file may begin in a period."""
    if file.start.date() > period.end:
        return False
    return file.start.date() >= period.start or file.end.date() > period.start


def latest_each(found: list[RemoteFile]) -> list[RemoteFile]:
    """Keep one file a step and stream: of several versions, the last by name."""
    latest = {(one.stream, one.start): one for one in sorted(found, key=lambda one: one.name)}
    return sorted(latest.values(), key=lambda one: (one.start, one.stream))
