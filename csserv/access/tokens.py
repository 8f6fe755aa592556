"""The API tokens of a server, of which only hashes are kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csserv.access.records import Records, checked_name
from csserv.access.roles import Caller, Role
from csserv.outputs.provenance import now


@dataclass(frozen=True)
class TokenRecord:
    """A token as it is stored: by its hash."""

    name: str
    role: Role
    created: str  #: UTC, ISO 8601
    sha256: str


class Tokens:
    """The tokens in ``tokens.json`` of the home folder.

    The file is read again when it has changed: a token revoked by another process stops working
    at once.
    """

    def __init__(self, home: Path) -> None:
        self._records = Records(home / "tokens.json", "token", read_record)

    def list(self) -> tuple[TokenRecord, ...]:
        """Return all tokens, in the order in which they were added.

        Raises
        ------
        SettingsError : the file cannot be read
        """
        return self._records.all()

    def add(self, name: str, role: Role) -> str:
        """Make a token and return it; it cannot be read again, as only its hash is stored.

        Raises
        ------
        InvalidRequestError : a token of that name exists, or the name is not usable
        """
        secret = f"csserv_{secrets.token_urlsafe(32)}"
        record = TokenRecord(checked_name(name, "token"), role, now(), _sha256(secret))
        self._records.add(record)
        return secret

    def revoke(self, name: str) -> None:
        """Remove a token; it stops working at once.

        Raises
        ------
        InvalidRequestError : no token has that name; suggests similar ones
        """
        self._records.remove(name)

    def find(self, secret: str) -> Caller | None:
        """Return the caller that a token belongs to; None if the token is unknown."""
        shown = _sha256(secret)
        for one in self.list():
            if hmac.compare_digest(one.sha256, shown):
                return Caller(one.name, one.role)
        return None


def read_record(plain: Mapping[str, Any]) -> TokenRecord:
    """Make a token of its JSON."""
    return TokenRecord(**{**plain, "role": Role(plain["role"])})


def _sha256(secret: str) -> str:
    # a fast hash without salt is enough: nobody can guess 256 random bits, nor list them
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()
