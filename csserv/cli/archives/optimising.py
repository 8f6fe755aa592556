"""The command that rewrites the files of a dataset so that series are read faster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from csserv.cli.group import main, with_overrides
from csserv.cli.printing import show_progress, size
from csserv.cli.requesting import open_service
from csserv.errors import SettingsError
from csserv.machine.private_home import make_home
from csserv.settings import Settings
from csserv.tasks.log.task import TaskState
from csserv.tasks.sums.sum_kinds import KINDS
from csserv.views.parts.amounts import counted

if TYPE_CHECKING:
    from csserv.catalog.rewrite.merging import Optimisation


@main.command()
@click.argument("dataset")
@click.option("--bitround", type=int, default=0, metavar="BITS", help="Keep so many bits, e.g. 10.")
@click.option(
    "--pack",
    type=float,
    default=0.0,
    metavar="PRECISION",
    help="Pack into 16-bit integers of this precision, e.g. 0.02.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Put the old files there; without it, they are removed in the end.",
)
@click.option(
    "--sums",
    type=click.Choice([*KINDS]),
    help="Make sums of months, dekads or pentads beside the files, and rewrite none.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--scheduler", help="Address of a dask scheduler.  [CSSERV_SCHEDULER]")
@click.option("--workers", type=int, help="Workers to start here without one.  [CSSERV_WORKERS]")
@click.pass_obj
def optimise(
    settings: Settings,
    dataset: str,
    bitround: int,
    pack: float,
    keep: Path | None,
    sums: str | None,
    dry_run: bool,
    yes: bool,
    scheduler: str | None,
    workers: int | None,
) -> None:
    """Rewrite the files of a dataset so that series are quick to read.

    Files of a year become one, in chunks that are long in time and small in space. Each new file
    is compared with its old ones, number by number, before it takes their place. When this is
    stopped, start it again: what is made is kept, and until the end nothing has changed.

    With --sums, the files stay as they are. What each cell adds up to in each month is written
    beside them, and requests for months, seasons, years, normals and maps of these read that in
    place of days, with the same numbers. Each fetch adds what is new.
    """
    if sums:
        if bitround or pack or keep:
            raise click.UsageError("--sums rewrites no file: ask for it in a call of its own")
        own = with_overrides(settings, scheduler=scheduler, workers=workers)
        _make_sums(own, dataset, sums, dry_run, yes)
        return
    from csserv.catalog import Catalog
    from csserv.catalog.rewrite.merging import check_room, plan_optimisation
    from csserv.catalog.rewrite.recipe import Recipe
    from csserv.tasks.log.lock import FileLock
    from csserv.tasks.run.optimise import make_files, replace_files  # dask is slow to import
    from csserv.tasks.run.process import open_cluster_of

    own = with_overrides(settings, scheduler=scheduler, workers=workers)
    entry = Catalog.read(own.data, own.catalog, own.cache)[dataset]
    if keep and keep.resolve().is_relative_to(own.data.resolve()):
        raise SettingsError(f"{keep} is inside {own.data}; the old files must go elsewhere")
    plan = plan_optimisation(entry, Recipe(bitround, pack))
    click.echo(_described(plan, own.workers))
    if dry_run or not (plan.merges or plan.leftovers):
        return
    check_room(plan, own.workers)
    if not yes:
        click.confirm("Go on?", abort=True)
    make_home(own.home)
    lock = FileLock(own.home / f"optimise-{entry.name}.lock")
    if not lock.try_acquire():
        raise SettingsError(f"{entry.name} is being optimised already")
    try:
        if plan.merges:
            bar = click.progressbar(length=1000, label=f"rewriting {entry.name}")
            with open_cluster_of(own) as cluster, bar:
                make_files(plan, cluster, lambda share: bar.update(round(1000 * share) - bar.pos))
        replace_files(plan, keep)
    finally:
        lock.close()
    now = sum(merge.target.stat().st_size for merge in plan.merges)
    click.echo(
        f"{entry.name}: {counted(len(plan.merges), 'new file')} in place, checked ({plan.recipe}); "
        f"{size(plan.size)} before, {size(now)} now"
    )


def _make_sums(settings: Settings, dataset: str, step: str, dry_run: bool, yes: bool) -> None:
    """Have time sums made, by the runner of the home, or by one that is started here."""
    from csserv.catalog import Catalog
    from csserv.tasks.plan.sums.sums_jobs import plan_sums

    entry = Catalog.read(settings.data, settings.catalog, settings.cache)[dataset]
    plan = plan_sums(entry, step)
    what = KINDS[step]
    lacking = plan.whole - plan.there
    click.echo(
        f"{dataset}: {plan.whole:,} {what} have all their steps, of which {plan.there:,} have "
        f"their sums; {size(plan.bytes)} to unpack for the other {lacking:,}"
    )
    if dry_run or not (plan.jobs or plan.fresh):
        return
    if not yes:
        click.confirm("Go on?", abort=True)
    with open_service(settings, starts_runner=True) as service:
        task = show_progress(service, service.make_sums(dataset, step))
    if task.state is not TaskState.SUCCEEDED:
        raise click.ClickException(f"task {task.id} {task.state}: {task.error or 'as asked'}")
    click.echo(f"{dataset}: sums of {plan.whole:,} {what} in place, {size(plan.folder.size())}")


def _described(plan: Optimisation, workers: int) -> str:
    """Describe what will be done, what it gains, and how much time and disk it needs."""
    name, chunk = plan.entry.name, plan.chunk
    if not plan.merges:
        left = f"; {counted(len(plan.leftovers), 'old file')} to remove" if plan.leftovers else ""
        return f"{name}: {counted(plan.good, 'file')}, quick to read already{left}"
    old = sum(len(merge.granules) for merge in plan.merges)
    less = plan.before / plan.after
    gain = f"{less:.0f} times less" if less >= 2 else "about as much"
    minutes = counted(max(1, round(plan.seconds(workers) / 60)), "minute")
    return "\n".join(
        [
            f"{name}: {counted(old, 'file')}, {size(plan.size)}, become {len(plan.merges)} in "
            f"chunks of {chunk.steps} steps x {chunk.rows} x {chunk.columns} cells, {plan.recipe}"
            + (f"; {plan.good} are good already" if plan.good else ""),
            f"gain: {size(plan.before)} to inflate for a year of 100 x 100 cells now, "
            f"{size(plan.after)} then: {gain}",
            f"needs: {size(plan.size + plan.scratch(workers))} of disk meanwhile, and about "
            f"{minutes} on {counted(workers, 'worker')}",
        ]
    )
