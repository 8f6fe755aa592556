"""The users of the dashboard, with their passwords hashed."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from csserv.access.favourites import Favourites
from csserv.access.records import Records, checked_name
from csserv.access.roles import Caller, Role
from csserv.errors import InvalidRequestError
from csserv.outputs.provenance import now

#: length of a password [characters]
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 1000

#: what hashing a password costs: 32 MB and about a quarter of a second (OWASP, 2024)
COST = {"n": 2**15, "r": 8, "p": 3}


@dataclass(frozen=True)
class UserRecord:
    """A user as stored: with the hash of the password."""

    name: str
    role: Role
    created: str  #: UTC, ISO 8601
    password: str | None  #: n:r:p:salt:hash of scrypt; None for one whom OAuth lets in

    @property
    def security_stamp(self) -> str:
        """A text, put into login cookies, that changes with the password and so ends logins."""
        return hashlib.sha256(f"{self.created} {self.password}".encode()).hexdigest()[:16]


class Users:
    """The users in ``users.json`` of the home folder, which is read again when it changes."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._records = Records(home / "users.json", "user", read_record)

    def list(self) -> tuple[UserRecord, ...]:
        """Return all users, in the order in which they were added.

        Raises
        ------
        SettingsError : the file cannot be read
        """
        return self._records.all()

    def add(self, name: str, role: Role, password: str | None) -> None:
        """Add a user; one without a password logs in by an OAuth provider, under the same name.

        Raises
        ------
        InvalidRequestError : a user of that name exists, or name or password is not usable
        """
        hashed = None if password is None else _hashed(password)
        self._records.add(UserRecord(checked_name(name, "user"), role, now(), hashed))

    def set_password(self, name: str, password: str) -> None:
        """Set the password of a user; this ends the user's logins.

        Raises
        ------
        InvalidRequestError : no user has that name, or the password is not usable
        """
        known = self.find(name) or UserRecord(name, Role.READER, "", None)
        self._records.replace(replace(known, password=_hashed(password)))

    def remove(self, name: str) -> None:
        """Remove a user with all that the user saved; this ends the user's logins.

        Raises
        ------
        InvalidRequestError : no user has that name; suggests similar ones
        """
        self._records.remove(name)
        Favourites(self._home, name).forget()  # another of that name may come

    def find(self, name: str) -> UserRecord | None:
        """Return the user of a name; None if there is none."""
        return next((one for one in self.list() if one.name == name), None)

    def check(self, name: str, password: str) -> UserRecord | None:
        """Return the user if the password is right, else None.

        An unknown name takes as long as a wrong password, so that nobody can find out names.
        """
        known = self.find(name)
        kept = known.password if known and known.password else _NOBODYS
        fits = len(password) <= LONGEST_PASSWORD and _fits(password, kept)
        return known if known and known.password and fits else None


def caller_of(user: UserRecord) -> Caller:
    """Return the caller that a user is, for checks of roles."""
    return Caller(user.name, user.role)


def _hashed(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidRequestError(
            f"the password has {len(password)} letters; "
            f"give {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,}"
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


def read_record(plain: Mapping[str, Any]) -> UserRecord:
    """Make a user of its JSON."""
    return UserRecord(**{**plain, "role": Role(plain["role"])})


#: compared with the password given for an unknown name
_NOBODYS = ":".join([*map(str, COST.values()), "00" * 16, "00" * 64])
