"""Commands for the users of the dashboard: add, list, change a password, remove."""

from __future__ import annotations

import sys

import click

from csserv.access import Role, Users
from csserv.cli.group import json_option, main
from csserv.cli.printing import print_table
from csserv.settings import Settings

from_stdin = click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Read the password from the input."
)


@main.group()
def users() -> None:
    """Manage who may log in to the dashboard, and in what role.

    For logins by password set CSSERV_LOGIN=basic.
    """


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@from_stdin
@click.option("--no-password", is_flag=True, help="An OAuth provider knows them by this name.")
@click.pass_obj
def add(settings: Settings, name: str, role: str, from_stdin: bool, no_password: bool) -> None:
    """Let NAME log in; prompts for the password twice, and keeps only its hash."""
    if from_stdin and no_password:
        raise click.UsageError("give --password-stdin or --no-password")
    Users(settings.home).add(name, Role(role), None if no_password else _password(from_stdin))


@users.command("list")
@json_option
@click.pass_obj
def list_users(settings: Settings, as_json: bool) -> None:
    """List the users: name, role, kind of login, and when each was added."""
    rows = [
        {
            "name": one.name,
            "role": str(one.role),
            "login": "basic" if one.password else "oauth",
            "created": one.created,
        }
        for one in Users(settings.home).list()
    ]
    print_table(rows, as_json, ["name", "role", "login", "created"])


@users.command()
@click.argument("name")
@from_stdin
@click.pass_obj
def passwd(settings: Settings, name: str, from_stdin: bool) -> None:
    """Set another password for NAME, who must then log in again."""
    Users(settings.home).set_password(name, _password(from_stdin))


@users.command()
@click.argument("name")
@click.pass_obj
def remove(settings: Settings, name: str) -> None:
    """Remove NAME, who is logged out at once."""
    Users(settings.home).remove(name)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt="Once more"))
