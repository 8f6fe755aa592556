"""Command that shows what numbers are kept, and removes them: `csserv store`."""

from __future__ import annotations

import click

from csserv.cli.group import json_option, main
from csserv.cli.printing import print_table, size
from csserv.errors import InvalidRequestError
from csserv.settings import Settings

COLUMNS = ("dataset", "operation", "time_step", "weighting", "zones", "steps", "size", "last_used")


@main.command()
@click.argument("dataset", required=False)
@click.option("--clear", is_flag=True, help="Remove what is kept, of DATASET if one is given.")
@json_option
@click.pass_obj
def store(settings: Settings, dataset: str | None, clear: bool, as_json: bool) -> None:
    """Show which numbers of zones and steps are kept, of all datasets or of DATASET.

    They were computed for earlier requests, and are used again as long as nothing that they hang on
    has changed: files, shapes of zones, operation, time step, version of csserv. To remove them is
    safe at any time, also while tasks run: they are computed again when they are asked for.
    """
    from csserv.tasks.kept.contents import kept_kinds
    from csserv.tasks.kept.kept_store import FOLDER, KeptStore
    from csserv.tasks.sums.sum_kinds import KINDS
    from csserv.tasks.sums.sums_folder import sums_there

    kinds = kept_kinds(settings.home)
    if dataset and dataset not in (known := sorted({one.dataset for one in kinds})):
        there = f"there are some of {', '.join(known)}" if known else "nothing is kept"
        raise InvalidRequestError(f"no numbers of {dataset!r} are kept; {there}")
    if clear:
        most = int(settings.store_max * 1e6)
        gone = KeptStore(settings.home / FOLDER, most).clear(dataset or "")
        click.echo(f"removed {size(gone)} of kept numbers")
        return
    mine = [one for one in kinds if dataset in (None, one.dataset)]
    rows = [
        {
            "dataset": one.dataset,
            "operation": one.operation,
            "time_step": one.time_step,
            "weighting": one.weighting,
            "zones": one.zones,
            "steps": one.steps,
            "size": one.bytes if as_json else size(one.bytes),
            "last_used": one.used.isoformat(timespec="seconds").replace("+00:00", "Z"),
            **({"usable": one.usable} if as_json else {}),
        }
        for one in mine
    ]
    print_table(rows, as_json, COLUMNS)
    if not as_json:
        whole = sum(one.bytes for one in mine)
        old = sum(one.bytes for one in mine if not one.usable)
        of = f"; {size(old)} of them by another version, not used any more" if old else ""
        click.echo(f"{size(whole)} of at most {settings.store_max:,.0f} MB{of}", err=True)
        for sums in sums_there(settings.data):
            what = f"sums of {KINDS[sums.kind]} of {sums.dataset}, beside the data"
            click.echo(f"{what}: {size(sums.size())}", err=True)
