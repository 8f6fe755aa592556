"""Products of which nobody lists the files: their addresses are made from the dates."""

from __future__ import annotations

from csserv.ingest.products.moments import moments_in
from csserv.ingest.products.product_table import Product
from csserv.ingest.products.remote_file import RemoteFile, file_named, latest_each
from csserv.ingest.web.asking import Web
from csserv.request import Period


def list_addresses(web: Web, product: Product, period: Period) -> list[RemoteFile]:
    """Make the addresses of a period, of all streams; whether they are there, only asking tells."""
    found = dict[str, RemoteFile]()
    for stream, template in product.streams.items():
        for moment in moments_in(product, period):
            name = template.name(moment)
            address = product.base + template.folder(moment) + name
            if address not in found and (one := file_named(product, stream, name, address)):
                found[address] = one
    return latest_each(list(found.values()))
