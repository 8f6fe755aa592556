"""Roles, and what a caller with each of them may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from csserv.errors import AccessDeniedError


class Role(StrEnum):
    """What a caller may do; each role includes the ones before it."""

    READER = "reader"  #: look at datasets, layers, tasks and results
    SUBMITTER = "submitter"  #: submit requests, and cancel one's own
    ADMIN = "admin"  #: cancel others' tasks, add layers, stop workers

    def covers(self, other: Role) -> bool:
        """Whether this role includes another one.

        >>> Role.ADMIN.covers(Role.READER), Role.READER.covers(Role.SUBMITTER)
        (True, False)
        """
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Caller:
    """Somebody who uses the service, with a role."""

    name: str
    role: Role

    def may_list(self, client: str) -> bool:
        """Whether the caller may list the tasks of a client: its own, or any as an admin."""
        return client == self.name or self.role.covers(Role.ADMIN)


def check_allowed(caller: Caller | None, needed: Role) -> Caller:
    """Return the caller if it has a role, or a higher one.

    Parameters
    ----------
    caller : None without a token

    Raises
    ------
    AccessDeniedError : names the role needed, and the one the caller has
    """
    if caller is None:
        raise AccessDeniedError(f"this needs a token of role {needed} or higher; none was given")
    if not caller.role.covers(needed):
        raise AccessDeniedError(
            f"this needs the role {needed} or higher; {caller.name} is {caller.role}"
        )
    return caller


def check_owner(caller: Caller, client: str) -> None:
    """Check that a caller may cancel or remove a task of a client: its own, or any as an admin.

    Raises
    ------
    AccessDeniedError : the task belongs to somebody else
    """
    if not caller.may_list(client):
        raise AccessDeniedError("only an admin may cancel or remove the tasks of others")
