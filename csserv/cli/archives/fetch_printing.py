"""What is printed of a fetch: what is to come, how far it is, and what came."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from csserv.cli.printing import size
from csserv.errors import FetchError
from csserv.views.parts.amounts import counted

if TYPE_CHECKING:
    from csserv.catalog import Catalog
    from csserv.ingest.fetch import Fetched, Progress
    from csserv.ingest.fetch_plan import FetchPlan
    from csserv.ingest.open_fetch import Fetching
    from csserv.ingest.products.product_table import Product

#: speed that a download is reckoned with, as nobody knows the network here [bytes/s]
SPEED = 2e6

#: columns of the list of products
COLUMNS = ("name", "title", "step", "since", "streams", "login", "unfit")


def planned(fetching: Fetching, plan: FetchPlan, amount: int | None) -> str:
    """Say what is about to be fetched.

    Parameters
    ----------
    amount : of what there is to download, where that was asked [bytes]
    """
    name, many = fetching.product.name, plan.steps
    if not many and not plan.kept:
        return f"{name}: the provider has nothing from {plan.period.start} to {plan.period.end}"
    if not many:
        return f"{name}: up to date, {counted(plan.kept, 'step')} in {fetching.archive.folder}"
    text = f"{name}: {counted(many, 'step')} to fetch, {plan.due[0].start:%Y-%m-%d} to "
    text += f"{plan.due[-1].steps[-1]:%Y-%m-%d}; {counted(plan.kept, 'step')} there already"
    if plan.replaces:
        text += f"; {plan.replaces} of them replace what is there"
    if plan.gaps:
        text += f"; the provider lacks {counted(len(plan.gaps), 'step')}"
    if amount:
        text += f"; about {size(amount)}, {max(1, round(amount / SPEED / 60))} min at 2 MB/s"
    return text


def planned_facts(fetching: Fetching, plan: FetchPlan, amount: int | None) -> dict[str, Any]:
    """Return what is about to be fetched, as plain values; bytes are None where unknown."""
    return {
        "name": fetching.product.name,
        "steps": plan.steps,
        "first": plan.due[0].start.isoformat() if plan.due else None,
        "last": plan.due[-1].steps[-1].isoformat() if plan.due else None,
        "replaces": plan.replaces,
        "bytes": amount,
        "kept": plan.kept,
        "gaps": [one.isoformat() for one in plan.gaps],
    }


def progress_bar(name: str, every: int) -> Any:
    """Return a context that gives a function which shows how far it is, in a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    if not every or not sys.stderr.isatty():
        return nullcontext(lambda _: None)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} {task.fields[doing]}"),
        TimeRemainingColumn(),
    )
    return _Bar(Progress(*columns, console=Console(stderr=True), transient=True), name, every)


class _Bar:
    """A progress bar while a fetch goes on."""

    def __init__(self, bar: Any, name: str, every: int) -> None:
        self._bar = bar
        self._task = bar.add_task(name, total=every, doing="")

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, now: Progress) -> None:
        self._bar.update(self._task, completed=now.done, doing=now.doing)


def tell(name: str, plan: FetchPlan, done: Fetched, as_json: bool) -> None:
    """Say what has come and what has not; steps that failed end the command with an error."""
    if as_json:
        click.echo(json.dumps(_facts(name, plan, done), ensure_ascii=False))
    elif done.steps:
        more = f", {done.replaced} of them in place of older ones" if done.replaced else ""
        click.echo(f"{name}: {counted(done.steps, 'step')} came ({size(done.size)}){more}")
    if done.absent and not as_json:
        be = "is" if len(done.absent) == 1 else "are"
        click.echo(f"{name}: {counted(len(done.absent), 'step')} {be} not there yet", err=True)
    for one in () if as_json else done.failures[:10]:
        click.echo(f"{one.start:%Y-%m-%d}: {one.why}", err=True)
    if done.failures:
        left = f", and {done.skipped} were not tried" if done.skipped else ""
        raise FetchError(
            f"{name}: {counted(len(done.failures), 'step')} did not come{left}; fetch again later"
        )


def _facts(name: str, plan: FetchPlan, done: Fetched) -> dict[str, Any]:
    return {
        "name": name,
        "steps": done.steps,
        "replaced": done.replaced,
        "bytes": done.size,
        "kept": plan.kept,
        "absent": [one.isoformat() for one in done.absent],
        "gaps": [one.isoformat() for one in plan.gaps],
        "failures": [{"step": one.start.isoformat(), "why": one.why} for one in done.failures],
    }


def row_of(product: Product, catalog: Catalog) -> dict[str, Any]:
    """Return what a list says of a product."""
    title = catalog[product.name].title if product.name in catalog else ""
    return {
        "name": product.name,
        "title": title,
        "step": product.step.name,
        "since": product.since.isoformat(),
        "streams": ", ".join(product.streams),
        "login": product.login,
        "late": product.late,
        "unfit": product.unfit,
        "checked": product.checked,
    }
