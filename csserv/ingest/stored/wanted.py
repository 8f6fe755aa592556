"""What of a product an archive is to hold: a box, from a day on; kept beside its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from csserv.errors import FetchError, InvalidRequestError
from csserv.ingest.products.product_table import Product
from csserv.ingest.stored.box import Box
from csserv.outputs.durable import replace_file


@dataclass(frozen=True)
class Wanted:
    """What is to be there.

    Attributes
    ----------
    first : first day
    box : None for all that the provider has
    streams : of the product, those that are taken; the best first
    """

    first: date
    box: Box | None
    streams: tuple[str, ...]

    def changed(
        self, product: Product, first: date | None, box: Box | None, streams: tuple[str, ...]
    ) -> Wanted:
        """Return it with what is asked for now; None or empty keeps what was.

        Raises
        ------
        InvalidRequestError : another box, as all files of a dataset are of one grid
        """
        if box and box != self.box:
            had = f"the box {self.box}" if self.box else "all that the provider has"
            raise InvalidRequestError(
                f"this archive was begun with {had}, and all its files are of one grid; for the "
                f"box {box}, fetch into another data folder (CSSERV_DATA), or remove its files "
                "and its folder .fetch first"
            )
        begin = max(product.since, min(first or self.first, self.first))
        return Wanted(begin, self.box, _chosen(product, streams or self.streams))


def read_wanted(path: Path) -> Wanted | None:
    """Read what is wanted; None if nothing was asked for so far.

    Raises
    ------
    FetchError : the file is damaged
    """
    try:
        read = orjson.loads(path.read_bytes())
        box = Box.of(read["box"]) if read["box"] else None
        return Wanted(date.fromisoformat(read["first"]), box, tuple(read["streams"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FetchError(
            f"{path} cannot be read ({error}); it says which box and days are fetched. Write them "
            "anew: move it away, and fetch with --from and --box"
        ) from None


def write_wanted(path: Path, wanted: Wanted) -> None:
    """Write what is wanted; on return it is on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "first": wanted.first.isoformat(),
        "box": list(wanted.box.edges) if wanted.box else None,
        "streams": list(wanted.streams),
    }
    replace_file(path, orjson.dumps(content))


def first_wanted(
    product: Product, first: date | None, box: Box | None, streams: tuple[str, ...]
) -> Wanted:
    """Make what is wanted of a product for the first time: of all days, if no first is given."""
    return Wanted(max(first or product.since, product.since), box, _chosen(product, streams))


def _chosen(product: Product, streams: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of a product's streams that are named, the best first; all if none is known."""
    return tuple(one for one in product.streams if one in streams) or tuple(product.streams)
