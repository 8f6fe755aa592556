"""The tokens that callers over HTTP may show."""

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
    """What is kept of a token: not the token itself."""

    name: str
    role: Role
    created: str  #: UTC, ISO 8601
    sha256: str


class Tokens:
    """The tokens in ``tokens.json`` of the home folder.

    The file is read again when it has changed, so that a token that another process revokes
    stops working at once.
    """

    def __init__(self, home: Path) -> None:
        self._records = Records(home / "tokens.json", "token", _record)

    def list(self) -> tuple[TokenRecord, ...]:
        """All tokens, in the order in which they were added.

        Raises
        ------
        SettingsError : the file cannot be read
        """
        return self._records.all()

    def add(self, name: str, role: Role) -> str:
        """Make a token and return it; it is shown this once, only its hash is kept.

        Raises
        ------
        InvalidRequestError : there is a token of that name, or it is no name
        """
        secret = f"csserv_{secrets.token_urlsafe(32)}"
        record = TokenRecord(checked_name(name, "token"), role, now(), _sha256(secret))
        self._records.add(record)
        return secret

    def revoke(self, name: str) -> None:
        """Remove a token; it stops working at once.

        Raises
        ------
        InvalidRequestError : there is none of that name; with the nearest ones
        """
        self._records.remove(name)

    def find(self, secret: str) -> Caller | None:
        """Find whose token this is; None if it is nobody's."""
        shown = _sha256(secret)
        for one in self.list():
            if hmac.compare_digest(one.sha256, shown):
                return Caller(one.name, one.role)
        return None


def _record(plain: Mapping[str, Any]) -> TokenRecord:
    return TokenRecord(**{**plain, "role": Role(plain["role"])})


def _sha256(secret: str) -> str:
    # a fast hash without salt is enough: nobody can guess 256 random bits, nor list them
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()
