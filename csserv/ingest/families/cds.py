"""Products that the Copernicus Climate Data Store makes when asked: a job a month (CDS)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from csserv.errors import FetchCancelledError, FetchError
from csserv.ingest.products.moments import DAY, moments_in
from csserv.ingest.products.product_table import Product
from csserv.ingest.products.remote_file import RemoteFile, file_named, latest_each, moment_in_name
from csserv.ingest.stored.box import Box
from csserv.ingest.web.answers import reason_in
from csserv.ingest.web.asking import Web
from csserv.ingest.web.receiving import pieces
from csserv.request import Period

#: so long after a day its data are there, a day in reserve
BEHIND = timedelta(days=6)

#: first and longest time between two looks at a job, and longest time that one may take [s]
SOON, SELDOM, LONGEST = 2.0, 60.0, 12 * 3600.0

#: states of a job in which it will give nothing
LOST = ("failed", "rejected", "dismissed", "deleted")


def list_months(web: Web, product: Product, period: Period) -> list[RemoteFile]:
    """List the months of a period, as far as their days are there; nobody is asked."""
    latest = datetime.now(UTC).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    latest -= BEHIND - DAY
    found = dict[str, RemoteFile]()
    for stream, template in product.streams.items():
        for moment in moments_in(product, period):
            name = template.example(moment)
            one = file_named(product, stream, name, f"{product.base}#{name}")
            if one and one.start < latest:
                end = min(one.end, latest)
                found[name] = RemoteFile(stream, one.address, name, one.start, end)
    return latest_each(list(found.values()))


def make_file(
    web: Web, product: Product, file: RemoteFile, steps: Sequence[datetime], box: Box | None
) -> str:
    """Ask for a file, wait until it is made, and return its address.

    Parameters
    ----------
    steps : of one month

    Raises
    ------
    FetchError : the job is refused or fails; says what the provider says
    FetchCancelledError : it was stopped
    """
    asked = dict(product.further.get("request", {}))
    dataset, stamps = asked.pop("dataset"), [moment_in_name(product, one) for one in steps]
    asked |= {
        "year": f"{stamps[0]:%Y}",
        "month": [f"{stamps[0]:%m}"],
        "day": sorted({f"{one:%d}" for one in stamps}),
    }
    if box:
        asked["area"] = [box.north, box.west, box.south, box.east]
    root = f"{product.base}retrieve/v1/"
    job = _ask(web, "POST", f"{root}processes/{dataset}/execution", {"inputs": asked}).get("jobID")
    if not isinstance(job, str):
        raise FetchError(f"{root} takes the job of {dataset}, and does not say which it is")
    made = _result(web, f"{root}jobs/{job}")
    try:
        return str(made["asset"]["value"]["href"])
    except (KeyError, TypeError):
        raise FetchError(f"{root} made a file of {dataset}, and does not say where") from None


class _LostError(FetchError):
    """A job has ended, and gives nothing."""


def _result(web: Web, address: str) -> dict[str, Any]:
    """Wait for the result of a job; one that nobody waits for any more is called off."""
    try:
        _wait(web, address)
        return _ask(web, "GET", f"{address}/results")
    except _LostError:
        raise
    except FetchError:
        # users may have few jobs at once: those of the next fetch would stand behind it
        web.call_off(address)
        raise


def _wait(web: Web, address: str) -> None:
    """Look at a job until it has ended."""
    begun, pause = time.monotonic(), min(SOON, web.pace.pause)
    while True:
        seen = _ask(web, "GET", address)
        state = str(seen.get("status"))
        if state == "successful":
            return
        if state in LOST:
            told = reason_in(seen) or _why(web, address) or "it does not say why"
            raise _LostError(f"the job at {address} is {state}: {told}")
        if time.monotonic() - begun > LONGEST:
            raise FetchError(f"the job at {address} is {state} since 12 hours; fetch again later")
        web.wait(pause)
        pause = min(SELDOM, pause * 1.5)


def _why(web: Web, address: str) -> str:
    """Ask for the results of a job that has none: the refusal says why."""
    try:
        return reason_in(_ask(web, "GET", f"{address}/results"))
    except FetchCancelledError:
        raise
    except FetchError as error:
        return str(error).partition("): ")[2]


def _ask(web: Web, method: str, address: str, body: Any = None) -> dict[str, Any]:
    def once() -> dict[str, Any]:
        with web.ask(method, address, body=body) as answer:
            try:
                return dict(json.loads(b"".join(pieces(answer))))
            except (ValueError, TypeError):
                raise FetchError(f"{address} answers with what is no JSON") from None

    found: dict[str, Any] = web.attempt(address, once)
    return found
