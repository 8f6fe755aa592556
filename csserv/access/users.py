"""The people who may log in to the dashboard, with their passwords hashed."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from csserv.access.records import Records, checked_name
from csserv.access.roles import Caller, Role
from csserv.errors import InvalidRequestError
from csserv.outputs.provenance import now

#: shorter passwords are refused
SHORTEST, LONGEST = 8, 1000

#: what hashing a password costs: 32 MB and about a quarter of a second (OWASP, 2024)
COST = {"n": 2**15, "r": 8, "p": 3}


@dataclass(frozen=True)
class UserRecord:
    """What is kept of a user: not the password itself."""

    name: str
    role: Role
    created: str  #: UTC, ISO 8601
    password: str | None  #: n:r:p:salt:hash of scrypt; None for one whom OAuth lets in

    @property
    def mark(self) -> str:
        """A text that changes with the password, so that a login ends when it does."""
        return hashlib.sha256(f"{self.created} {self.password}".encode()).hexdigest()[:16]


class Users:
    """The users in ``users.json`` of the home folder, which is read again when it has changed."""

    def __init__(self, home: Path) -> None:
        self._records = Records(home / "users.json", "user", _record)

    def list(self) -> tuple[UserRecord, ...]:
        """All users, in the order in which they were added.

        Raises
        ------
        SettingsError : the file cannot be read
        """
        return self._records.all()

    def add(self, name: str, role: Role, password: str | None) -> None:
        """Add a user; without a password, one whom an OAuth provider knows by that name.

        Raises
        ------
        InvalidRequestError : there is a user of that name, or name or password cannot be one
        """
        hashed = None if password is None else _hashed(password)
        self._records.add(UserRecord(checked_name(name, "user"), role, now(), hashed))

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password; whoever is logged in under the name is so no more.

        Raises
        ------
        InvalidRequestError : there is no such user, or it is no password
        """
        known = self.find(name) or UserRecord(name, Role.READER, "", None)
        self._records.replace(replace(known, password=_hashed(password)))

    def remove(self, name: str) -> None:
        """Remove a user, who is let in no more.

        Raises
        ------
        InvalidRequestError : there is none of that name; with the nearest ones
        """
        self._records.remove(name)

    def find(self, name: str) -> UserRecord | None:
        """Find a user by name."""
        return next((one for one in self.list() if one.name == name), None)

    def check(self, name: str, password: str) -> UserRecord | None:
        """Find a user by name and password; it takes as long for a name that nobody has."""
        known = self.find(name)
        kept = known.password if known and known.password else _NOBODYS
        fits = len(password) <= LONGEST and _fits(password, kept)
        return known if known and known.password and fits else None


def caller_of(user: UserRecord) -> Caller:
    """Say who a user is to those who check roles."""
    return Caller(user.name, user.role)


def _hashed(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidRequestError(
            f"the password has {len(password)} letters; give {SHORTEST} to {LONGEST:,}"
        )
    salt = secrets.token_bytes(16)
    cost = ":".join(map(str, COST.values()))
    return f"{cost}:{salt.hex()}:{_scrypt(password, salt, *COST.values()).hex()}"


def _fits(password: str, kept: str) -> bool:
    n, r, p, salt, known = kept.split(":")
    found = _scrypt(password, bytes.fromhex(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, bytes.fromhex(known))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    given = password.encode("utf-8", "backslashreplace")
    # OpenSSL allows 32 MB unless told otherwise, and needs a little more than 128 n r
    return hashlib.scrypt(given, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r)


def _record(plain: Mapping[str, Any]) -> UserRecord:
    return UserRecord(**{**plain, "role": Role(plain["role"])})


#: is hashed against when there is no such user
_NOBODYS = ":".join([*map(str, COST.values()), "00" * 16, "00" * 64])
