"""Who asks, and what a caller of each role may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from csserv.errors import AccessDeniedError


class Role(StrEnum):
    """What a caller may do; each role may do what those before it may."""

    READER = "reader"  #: look at datasets, layers, tasks and results
    SUBMITTER = "submitter"  #: submit requests, and cancel one's own
    ADMIN = "admin"  #: cancel others' tasks, stop workers

    def covers(self, other: Role) -> bool:
        """Whether this role may do what the other may.

        >>> Role.ADMIN.covers(Role.READER), Role.READER.covers(Role.SUBMITTER)
        (True, False)
        """
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Caller:
    """Who asks, and in what role."""

    name: str
    role: Role

    def may_list(self, client: str) -> bool:
        """Whether the caller may list the tasks of a client: his own, or an admin any."""
        return client == self.name or self.role.covers(Role.ADMIN)


def check_allowed(caller: Caller | None, needed: Role) -> Caller:
    """See that a caller, None being one without a token, has a role; return him.

    Raises
    ------
    AccessDeniedError : says which role is needed, and which the caller has
    """
    if caller is None:
        raise AccessDeniedError(f"this needs a token of role {needed} or higher; none was given")
    if not caller.role.covers(needed):
        raise AccessDeniedError(
            f"this needs the role {needed} or higher; {caller.name} is {caller.role}"
        )
    return caller


def check_own(caller: Caller, client: str) -> None:
    """See that a caller may cancel or remove a task of a client: his own, or an admin any.

    Raises
    ------
    AccessDeniedError : it is somebody else's
    """
    if not caller.may_list(client):
        raise AccessDeniedError("only an admin may cancel or remove the tasks of others")
