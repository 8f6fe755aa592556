"""Commands for tokens, which callers over HTTP show: add, list, revoke."""

from __future__ import annotations

import click

from csserv.access import Role, Tokens
from csserv.cli.group import as_json, main
from csserv.cli.printing import print_table
from csserv.settings import Settings


@main.group()
def tokens() -> None:
    """Give tokens to those who ask over HTTP, and take them back."""


@tokens.command()
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.pass_obj
def add(settings: Settings, name: str, role: str) -> None:
    """Make a token for NAME and print it, this once."""
    click.echo(Tokens(settings.home).add(name, Role(role)))
    click.echo("Keep it: it cannot be shown again.", err=True)


@tokens.command("list")
@as_json
@click.pass_obj
def list_tokens(settings: Settings, plain: bool) -> None:
    """List who has a token, in what role, since when."""
    rows = [
        {"name": one.name, "role": str(one.role), "created": one.created}
        for one in Tokens(settings.home).list()
    ]
    print_table(rows, plain, ["name", "role", "created"])


@tokens.command()
@click.argument("name")
@click.pass_obj
def revoke(settings: Settings, name: str) -> None:
    """Take the token of NAME back; it stops working at once."""
    Tokens(settings.home).revoke(name)
