"""Tasks that fetch data: what the log keeps of one, and how it is read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from csserv.catalog import Catalog
from csserv.ingest.open_fetch import Asked, Fetching
from csserv.ingest.products.product_table import Product
from csserv.ingest.stored.box import Box
from csserv.request import Area, Period, Request
from csserv.tasks.log.task import RequestRecord

#: what such a task has in place of an operation
FETCH = "fetch"

#: the box of what is not cut
GLOBE = (-180.0, -90.0, 180.0, 90.0)


def fetch_record(catalog: Catalog, product: Product, asked: Asked) -> tuple[RequestRecord, Area]:
    """Check what is asked for, and make the record and the area of its task; nobody is asked.

    Raises
    ------
    InvalidRequestError : another box than the archive has, an unknown stream, days that are none
    SettingsError : the catalog's row is not csserv's own
    """
    wanted = Fetching(catalog, product, asked).wanted
    today = datetime.now(UTC).date()
    period = Period(wanted.first, asked.last or max(today, wanted.first))
    area = Area.from_box(*_edges(wanted.box))
    record = RequestRecord.of(Request(product.name, FETCH, area, period))
    title = f"box {wanted.box}" if wanted.box else "all of it"
    return replace(record, area_title=title, fetch=to_plain(asked)), area


def to_plain(asked: Asked) -> dict[str, Any]:
    """Write what is asked for as plain values."""
    return {
        "first": asked.first and asked.first.isoformat(),
        "last": asked.last and asked.last.isoformat(),
        "box": list(asked.box.edges) if asked.box else None,
        "streams": list(asked.streams),
        "recheck": asked.recheck,
    }


def from_plain(plain: dict[str, Any]) -> Asked:
    """Read what was asked for."""
    return Asked(
        first=_day(plain.get("first")),
        last=_day(plain.get("last")),
        box=Box.of(plain["box"]) if plain.get("box") else None,
        streams=tuple(plain.get("streams", ())),
        recheck=bool(plain.get("recheck")),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _edges(box: Box | None) -> tuple[float, float, float, float]:
    """Return the edges of an area; a box over 180 degrees is shown as the whole round."""
    if box is None or box.west > box.east:
        return GLOBE if box is None else (-180.0, box.south, 180.0, box.north)
    return box.edges
