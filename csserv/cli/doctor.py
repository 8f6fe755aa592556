"""The command that checks an installation."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from csserv.cli.group import json_option, main
from csserv.settings import Settings
from csserv.views.parts.amounts import counted

if TYPE_CHECKING:
    from rich.console import Console

    from csserv.doctor import Finding

SIGNS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "problem": "[red]✗[/]"}


@main.command()
@json_option
@click.pass_obj
def doctor(settings: Settings, as_json: bool) -> None:
    """Check this installation, and say how to mend what is wrong.

    Folders, disk, lock, versions, task log, damage, TLS, secrets, callers, log files, scheduler and
    workers, datasets, boundaries.
    Exit code 1 when there is a problem.
    """
    from rich.console import Console

    from csserv.doctor import CHECKS, Level, examine  # numpy is slow to import

    console = Console(soft_wrap=True, quiet=as_json)
    found: list[Finding] = []
    names = iter([*list(CHECKS)[1:], "the end"])
    with console.status("looking at folders") as status:
        for _, findings in examine(settings):
            found += findings
            _print(console, findings)
            status.update(f"looking at {next(names)}")
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found]))
    count = Counter(one.level for one in found)
    problems, warnings = count[Level.PROBLEM], count[Level.WARNING]
    console.print(f"{counted(problems, 'problem')}, {counted(warnings, 'warning')}")
    sys.exit(1 if count[Level.PROBLEM] else 0)


def _print(console: Console, findings: list[Finding]) -> None:
    from rich.markup import escape

    for one in findings:
        sign = SIGNS[one.level] if console.is_terminal else one.level
        console.print(f"{sign} {one.check}: {escape(one.said)}", highlight=False)
        if one.mend:
            console.print(f"    {escape(one.mend)}", highlight=False)
