"""Products that NASA's Common Metadata Repository finds (CMR)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from csserv.errors import FetchError
from csserv.ingest.products.product_table import Product
from csserv.ingest.products.remote_file import RemoteFile, file_named, in_period, latest_each
from csserv.ingest.web.asking import Web
from csserv.request import Period

#: granules of one page of the search
PAGE = 2000

#: how an entry marks the link to its data
DATA = "/data#"


def list_granules(web: Web, product: Product, period: Period) -> list[RemoteFile]:
    """Search the granules of a period.

    Raises
    ------
    FetchError : the search is refused, or its answer is none
    """
    found = []
    for entry in _entries(web, product, period):
        for address in _links(entry):
            name = unquote(urlsplit(address).path.rpartition("/")[2])
            found += _files(product, name, address, entry, period)
    return latest_each(found)


def _files(
    product: Product, name: str, address: str, entry: dict[str, Any], period: Period
) -> list[RemoteFile]:
    stamp = str(entry.get("updated", ""))
    named = (file_named(product, stream, name, address, stamp) for stream in product.streams)
    return [one for one in named if one and in_period(one, period)]


def _entries(web: Web, product: Product, period: Period) -> Iterator[dict[str, Any]]:
    asked = dict(product.further.get("collection", {})) | {
        "temporal": f"{period.start}T00:00:00Z,{period.end}T23:59:59Z",
        "sort_key": "start_date",
        "page_size": PAGE,
    }
    number, before = 1, list[dict[str, Any]]()
    while True:
        address = f"{product.base}granules.json?{urlencode(asked | {'page_num': number})}"
        entries = _read(web.page(address), address)
        if number > 1 and entries == before:
            raise FetchError(f"{product.base} gives the same list of files without end")
        yield from entries
        if len(entries) < PAGE:
            return
        number, before = number + 1, entries


def _read(text: str, address: str) -> list[dict[str, Any]]:
    try:
        return [dict(one) for one in json.loads(text)["feed"]["entry"]]
    except (ValueError, KeyError, TypeError):
        raise FetchError(f"{address.split('?')[0]} gives no list of files") from None


def _links(entry: dict[str, Any]) -> list[str]:
    """Return the addresses of the data over the web, without those of OPeNDAP and of S3."""
    return [
        str(one["href"])
        for one in entry.get("links") or ()
        if isinstance(one, dict)
        and str(one.get("rel", "")).endswith(DATA)
        and str(one.get("href", "")).startswith("http")
    ]
