"""Commands for the keeper of a home: repair its task log, back it up, restore it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from csserv.cli.group import json_option, main
from csserv.cli.printing import size
from csserv.settings import Settings
from csserv.views.parts.amounts import counted


@main.command()
@click.option("--yes", is_flag=True, help="Do it; without, it is only shown.")
@json_option
@click.pass_obj
def repair(settings: Settings, yes: bool, as_json: bool) -> None:
    """Build the task log anew after damage, from all files that tell of its tasks.

    Records that are whole, lines of the journal, archives, results and what was set aside in
    damaged/ are read; of tokens and users, the records that are whole. No runner and no server may
    work meanwhile. Nothing is thrown away: what was damaged is kept in damaged/settled/. Exit code
    1 if something is to be done and --yes is not given.
    """
    from csserv.access.account_repair import plan_accounts, repair_accounts
    from csserv.tasks.log.repair.repairing import plan_repair, repair

    plan = (repair if yes else plan_repair)(settings.home)
    accounts = (repair_accounts if yes else plan_accounts)(settings.home)
    said = [*plan.said, *(line for one in accounts for line in one.said)]
    missing = [*plan.missing, *(line for one in accounts for line in one.missing)]
    is_needed = plan.is_needed or bool(accounts)
    if as_json:
        facts = {"needed": is_needed, "done": yes, "said": said, "missing": missing}
        click.echo(json.dumps(facts | {"tasks": len(plan.records)}))
    else:
        for line in said:
            click.echo(line)
        for line in missing:
            click.echo(f"not found: {line}")
        click.echo(_outcome(len(plan.records), is_needed, yes))
    sys.exit(1 if is_needed and not yes else 0)


def _outcome(tasks: int, is_needed: bool, is_done: bool) -> str:
    if not is_needed:
        return "the task log, tokens and users are whole; there is nothing to repair"
    if is_done:
        return f"repaired: the log has {tasks:,} tasks beside its archive"
    return f"the log would have {tasks:,} tasks beside its archive; to do it: csserv repair --yes"


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-results", is_flag=True, help="Log, archive and areas only.")
@click.pass_obj
def backup(settings: Settings, file: Path, without_results: bool) -> None:
    """Copy the log, its archive, areas, results, tokens and users into one FILE, as tar.

    Tasks may be submitted and run meanwhile. The file is readable by its owner alone.
    """
    from csserv.tasks.log.repair.backup import back_up

    saved = back_up(settings.home, file, not without_results)
    for name in saved.left_out:
        click.echo(f"left out, as it was removed meanwhile: {name}", err=True)
    total = sum(count for count, _ in saved.files.values())
    what = [counted(saved.tasks, "task"), counted(len(saved.files), "file"), size(total)]
    click.echo(f"{file}: {', '.join(what)}")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Move what is in CSSERV_HOME into replaced-<time>.")
@click.pass_obj
def restore(settings: Settings, file: Path, replace: bool) -> None:
    """Restore CSSERV_HOME from a FILE that `csserv backup` has made.

    All checksums are compared before anything is written; a home that is not empty is refused.
    """
    from csserv.tasks.log.repair.restore import restore

    manifest = restore(file, settings.home, replace)
    made, count = manifest["made"], len(manifest["files"])
    tasks = counted(manifest["tasks"], "task")
    click.echo(f"{settings.home}: {counted(count, 'file')} as of {made}, {tasks}")
