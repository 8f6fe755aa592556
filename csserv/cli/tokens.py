"""Commands for the tokens of the HTTP API: add, list, revoke."""

from __future__ import annotations

import click

from csserv.access import Role, Tokens
from csserv.cli.group import json_option, main
from csserv.cli.printing import print_table
from csserv.settings import Settings


@main.group()
def tokens() -> None:
    """Manage the tokens of the HTTP API."""


@tokens.command()
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.pass_obj
def add(settings: Settings, name: str, role: str) -> None:
    """Make a token for NAME and print it, this once."""
    click.echo(Tokens(settings.home).add(name, Role(role)))
    click.echo("Keep it: it cannot be shown again.", err=True)


@tokens.command("list")
@json_option
@click.pass_obj
def list_tokens(settings: Settings, as_json: bool) -> None:
    """List the tokens: name, role, and when each was made."""
    rows = [
        {"name": one.name, "role": str(one.role), "created": one.created}
        for one in Tokens(settings.home).list()
    ]
    print_table(rows, as_json, ["name", "role", "created"])


@tokens.command()
@click.argument("name")
@click.pass_obj
def revoke(settings: Settings, name: str) -> None:
    """Revoke the token of NAME; it stops working at once."""
    Tokens(settings.home).revoke(name)
