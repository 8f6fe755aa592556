"""Products in folders of a web server, which shows what is in each."""

from __future__ import annotations

from csserv.ingest.families.index_page import Listed, read_index
from csserv.ingest.products.moments import moments_in
from csserv.ingest.products.product_table import Product
from csserv.ingest.products.remote_file import RemoteFile, file_named, in_period, latest_each
from csserv.ingest.web.answers import NotThereError
from csserv.ingest.web.asking import Web
from csserv.request import Period


def list_folders(web: Web, product: Product, period: Period) -> list[RemoteFile]:
    """List the files of a period, of all streams; a folder that is not there has none.

    Raises
    ------
    FetchError : a folder cannot be read, or none of them is there
    """
    found, missing, seen = [], [], dict[str, list[Listed]]()
    for stream, template in product.streams.items():
        for folder in dict.fromkeys(map(template.folder, moments_in(product, period))):
            address = product.base + folder
            if address not in seen:
                try:
                    seen[address] = read_index(web.page(address), address)
                except NotThereError as error:
                    seen[address] = []
                    missing.append(error)
            found += _files(product, stream, seen[address], period)
    if missing and len(missing) == len(seen):
        raise missing[0]
    return latest_each(found)


def _files(product: Product, stream: str, listed: list[Listed], period: Period) -> list[RemoteFile]:
    named = (file_named(product, stream, one.name, one.address, one.stamp) for one in listed)
    return [one for one in named if one and in_period(one, period)]
