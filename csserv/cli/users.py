"""Commands for the people who log in to the dashboard: add, list, passwd, remove."""

from __future__ import annotations

import sys

import click

from csserv.access import Role, Users
from csserv.cli.group import as_json, main
from csserv.cli.printing import print_table
from csserv.settings import Settings

from_input = click.option(
    "--password-stdin", "from_input", is_flag=True, help="Read the password from the input."
)


@main.group()
def users() -> None:
    """Say who may log in to the dashboard, and in what role.

    For logins by password set CSSERV_LOGIN=basic.
    """


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@from_input
@click.option("--no-password", is_flag=True, help="An OAuth provider knows them by this name.")
@click.pass_obj
def add(settings: Settings, name: str, role: str, from_input: bool, no_password: bool) -> None:
    """Let NAME log in; the password is asked for twice, and only its hash is kept."""
    if from_input and no_password:
        raise click.UsageError("give --password-stdin or --no-password")
    Users(settings.home).add(name, Role(role), None if no_password else _password(from_input))


@users.command("list")
@as_json
@click.pass_obj
def list_users(settings: Settings, plain: bool) -> None:
    """List who may log in, in what role, since when."""
    rows = [
        {
            "name": one.name,
            "role": str(one.role),
            "login": "basic" if one.password else "oauth",
            "created": one.created,
        }
        for one in Users(settings.home).list()
    ]
    print_table(rows, plain, ["name", "role", "login", "created"])


@users.command()
@click.argument("name")
@from_input
@click.pass_obj
def passwd(settings: Settings, name: str, from_input: bool) -> None:
    """Give NAME another password; whoever is logged in under it must log in again."""
    Users(settings.home).set_password(name, _password(from_input))


@users.command()
@click.argument("name")
@click.pass_obj
def remove(settings: Settings, name: str) -> None:
    """Let NAME in no more, from now on."""
    Users(settings.home).remove(name)


def _password(from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt="Once more"))
