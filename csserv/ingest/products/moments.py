"""The steps of a product in a period, and the moments that names of their files tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from csserv.ingest.products.product_table import Product
from csserv.ingest.products.remote_file import moment_in_name
from csserv.request import Period

DAY = timedelta(days=1)


def moments_in(product: Product, period: Period) -> Iterator[datetime]:
    """Yield the moments that names may tell of steps that begin in a period.

    Of steps of several days, of which only the provider knows where they begin, each day is
    yielded.
    """
    for start in possible_starts(product, period):
        yield moment_in_name(product, start)


def steps_in(product: Product, period: Period) -> Iterator[datetime]:
    """Yield the starts of all steps of a period; none if only the provider knows them."""
    if product.step.parts or product.step.length <= DAY:
        yield from possible_starts(product, period)


def possible_starts(product: Product, period: Period) -> Iterator[datetime]:
    """Yield when steps of a period may begin: those of several days on each day."""
    step = product.step.length if product.step.is_short else DAY
    moment = datetime.combine(max(period.start, product.since), datetime.min.time())
    last = min(period.end, product.until or period.end)
    end = datetime.combine(last, datetime.min.time()) + DAY
    end = min(end, datetime.now(UTC).replace(tzinfo=None))
    while moment < end:
        if product.step.begins(moment):
            yield moment
        moment += step
