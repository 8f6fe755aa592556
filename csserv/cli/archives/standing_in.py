"""The command that stands in for providers: made-up files, served as they serve theirs."""

from __future__ import annotations

import signal
import threading

import click

from csserv.cli.group import main


@main.command("stand-in")
@click.argument("products", nargs=-1, required=True)
@click.option("--days", default="2024-01/2024-03", show_default=True, help="Days that it has.")
@click.option("--stream", help="Such as preliminary; the best one of each if not given.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="To listen on; a free one if not given.",
)
def stand_in(products: tuple[str, ...], days: str, stream: str | None, port: int) -> None:
    """Serve made-up files of PRODUCTS on this machine, as their providers do, to try things with.

    Prints an address: with CSSERV_PROVIDER_BASE set to it, `csserv fetch` fetches from here. The
    numbers are made up, and are of East Africa only. What NASA's search finds and what the Climate
    Data Store makes is there, too (CDSAPI_KEY may be any word). Ctrl-C ends it.
    """
    from csserv.ingest.products.product_table import Products
    from csserv.ingest.replay import cds_jobs, cmr_search
    from csserv.ingest.replay.cds_jobs import CdsJobs
    from csserv.ingest.replay.cmr_search import CmrSearch
    from csserv.ingest.replay.replay_server import Replay, serve_replay
    from csserv.request import Period

    table, replay = Products.read(), Replay()
    period, count = Period.parse(days), 0
    for name in products:
        product = table[name]
        if product.family == "cds":  # nothing is there before it is asked for
            continue
        if stream:
            product.check_stream(stream)
        chosen = stream or next(iter(product.streams))
        count += len(replay.shelf.publish(product, chosen, period))
    ended = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: ended.set())
    replay.parts[cmr_search.PATH] = CmrSearch(replay)
    of_jobs = [one for one in table.values() if one.family == "cds"]
    replay.parts[cds_jobs.PATH] = CdsJobs(replay, of_jobs)
    with serve_replay(replay, port):
        click.echo(f"CSSERV_PROVIDER_BASE={replay.address}")
        click.echo(f"{count} made-up files of {', '.join(products)}; Ctrl-C ends it", err=True)
        ended.wait()
