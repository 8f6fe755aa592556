"""The command that fetches data from their providers, and keeps them up to date."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

import click

from csserv.cli.archives.fetch_printing import (
    COLUMNS,
    planned,
    planned_facts,
    progress_bar,
    row_of,
    tell,
)
from csserv.cli.group import main
from csserv.cli.printing import print_table
from csserv.errors import (
    CsservError,
    FetchCancelledError,
    FetchError,
    InvalidRequestError,
    SettingsError,
)
from csserv.settings import Settings

if TYPE_CHECKING:
    from csserv.ingest.open_fetch import Asked, Fetching
    from csserv.tasks.log.task import Task

#: what is asked for, by parameters of the command; a list has none of it
WHAT = ("every", "first", "last", "box", "area", "streams", "recheck", "dry_run", "queue")

#: parameters that do not go together
APART = (("box", "area"), ("dry_run", "queue"), *(("listed", one) for one in WHAT))


@main.command()
@click.argument("product", required=False)
@click.option("--from", "first", metavar="DATE", help="First day, month or year: 2024, 2024-03.")
@click.option("--to", "last", metavar="DATE", help="Last one; today if not given.")
@click.option(
    "--box", nargs=4, type=float, metavar="WEST SOUTH EAST NORTH", help="Keep this part only."
)
@click.option("--area", help="Keep the box round a place, such as 'Kenya', or round a file.")
@click.option(
    "--stream",
    "streams",
    multiple=True,
    help="final, preliminary; again for more; later fetches keep to these.",
)
@click.option("--all", "every", is_flag=True, help="All that was fetched before.")
@click.option(
    "--list", "listed", is_flag=True, help="List what can be fetched, or say it of PRODUCT."
)
@click.option(
    "--recheck", is_flag=True, help="Look at all days anew, also at old ones that are final."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--queue", is_flag=True, help="Queue a task that does it, for the runner.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; with --all, a line a product.")
@click.pass_obj
def fetch(
    settings: Settings,
    product: str | None,
    first: str | None,
    last: str | None,
    box: tuple[float, float, float, float] | None,
    area: str | None,
    streams: tuple[str, ...],
    every: bool,
    listed: bool,
    recheck: bool,
    dry_run: bool,
    queue: bool,
    as_json: bool,
) -> None:
    """Fetch PRODUCT from its provider, or what is new of it.

    The first time, say from when, and which part of the globe to keep: `csserv fetch chirps3 --from
    2024 --area Kenya`. Later, `csserv fetch chirps3` fetches what is new, and what has become
    final. When this is stopped, start it again: what has come is kept.
    """
    from csserv.catalog import Catalog
    from csserv.ingest.open_fetch import product_named
    from csserv.ingest.products.product_table import Products

    _check_together(click.get_current_context())
    products = Products.read(settings.provider_base)
    catalog = Catalog.read(settings.data, settings.catalog, settings.cache)
    if listed:
        only = [product_named(products, catalog, product)] if product else []
        shown = only or products.values()
        print_table([row_of(one, catalog) for one in shown], as_json, COLUMNS)
        return
    names = _names(product, every, catalog, products)
    asked = _asked(settings, first, last, box, area, streams, recheck)
    if queue:
        _queue(settings, names, asked, as_json)
        return
    _each(names, lambda name: _fetch_one(catalog, products[name], asked, dry_run, as_json))


def _each(names: Sequence[str], act: Callable[[str], object]) -> None:
    """Do something with each product; one that fails does not keep the others.

    Raises
    ------
    FetchError : some failed; why is told before
    CsservError : the only one failed
    FetchCancelledError : it was stopped
    """
    troubles = []
    for name in names:
        try:
            act(name)
        except FetchCancelledError:
            raise
        except CsservError as error:
            if len(names) == 1:
                raise
            troubles.append(name)
            click.echo(f"{name}: {error}", err=True)
    if troubles:
        others = "; the others could" if len(troubles) < len(names) else ""
        raise FetchError(f"{', '.join(troubles)} could not be fetched{others}")


def _check_together(context: click.Context) -> None:
    """Refuse options that do not go together, before anything is done."""
    names = {one.name: one.opts[0] for one in context.command.params}
    for one, other in APART:
        if context.params[one] and context.params[other]:
            raise click.UsageError(f"give {names[one]} or {names[other]}, not both")


def _queue(settings: Settings, names: list[str], asked: Asked, as_json: bool) -> None:
    from csserv.service import Service
    from csserv.tasks.plan.fetch_task import to_plain

    tasks: list[Task] = []
    with Service(settings, starts_runner=False) as service:
        try:
            _each(names, lambda name: tasks.append(service.fetch(name, **to_plain(asked))))
        finally:
            if tasks:
                _tell_queued(tasks, service.has_runner(), as_json)


def _tell_queued(tasks: list[Task], has_runner: bool, as_json: bool) -> None:
    if not has_runner:
        click.echo("no runner is active; start one with: csserv run", err=True)
    if as_json:
        click.echo(json.dumps([task.to_dict() for task in tasks], ensure_ascii=False))
        return
    for task in tasks:
        click.echo(f"{task.request.dataset}: task {task.id} is queued; csserv watch {task.id}")


def _names(product: str | None, every: bool, catalog: Any, products: Any) -> list[str]:
    from csserv.ingest.open_fetch import fetched_before, product_named

    if bool(product) == every:
        raise click.UsageError("give the name of a product (--list shows them), or --all")
    if product:
        return [product_named(products, catalog, product).name]
    if not (found := fetched_before(catalog, products)):
        raise InvalidRequestError("nothing was fetched here before; begin with one: --list")
    return found


def _asked(
    settings: Settings,
    first: str | None,
    last: str | None,
    box: tuple[float, float, float, float] | None,
    area: str | None,
    streams: tuple[str, ...],
    recheck: bool,
) -> Asked:
    from csserv.ingest.open_fetch import asked_for

    edges = box or (_bounds(settings, area) if area else None)
    return asked_for(first, last, edges, streams, recheck)


def _bounds(settings: Settings, area: str) -> tuple[float, ...]:
    """Return the edges of the box round an area."""
    from csserv.service import Service

    with Service(settings, starts_runner=False) as service:
        return service.area(area).bounds


def _fetch_one(catalog: Any, product: Any, asked: Asked, dry_run: bool, as_json: bool) -> None:
    from csserv.ingest.open_fetch import Fetching
    from csserv.ingest.web.ending import ends_on_signals

    with ends_on_signals() as ending:
        fetching = Fetching(catalog, product, asked, ending.stop)
        with nullcontext() if dry_run else _locked(fetching):
            if sys.stderr.isatty():
                click.echo(f"{product.name}: asking {product.host} what it has", err=True)
            plan = ending.wait_for(fetching.plan)
            size = ending.wait_for(lambda: fetching.size(plan)) if dry_run else None
            if dry_run and as_json:
                click.echo(json.dumps(planned_facts(fetching, plan, size)))
            elif not as_json:
                click.echo(planned(fetching, plan, size))
            if dry_run:
                return
            ending.listens = True
            with progress_bar(product.name, len(plan.due)) as told:
                done = fetching.run(plan, told)
    tell(product.name, plan, done, as_json)


@contextmanager
def _locked(fetching: Fetching) -> Iterator[None]:
    """Keep other fetches out of an archive, from before it is compared with the provider."""
    from csserv.tasks.log.lock import FileLock

    folder = fetching.lock.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(fetching.lock)
        is_ours = lock.try_acquire()
    except OSError as error:
        raise SettingsError(
            f"cannot write into {folder}: {error.strerror}; CSSERV_DATA says where data lie"
        ) from None
    if not is_ours:
        raise FetchError(
            f"{fetching.product.name} is being fetched by another process; wait until it has ended"
        )
    try:
        yield
    finally:
        lock.close()
        if not fetching.is_begun:  # such as for a name, box or day that was wrong
            fetching.lock.unlink(missing_ok=True)
            with suppress(OSError):  # what is not empty stays
                for one in (folder, folder.parent, folder.parent.parent):
                    one.rmdir()
