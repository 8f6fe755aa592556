"""Who may do what over HTTP: roles, tokens, and how often one client may ask."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import orjson

from csserv.errors import (
    AccessDeniedError,
    InvalidRequestError,
    SettingsError,
    TooManyRequestsError,
    nearest,
)
from csserv.outputs.durable import replace_file
from csserv.outputs.provenance import now
from csserv.tasks.lock import FileLock

Clock = Callable[[], float]
_Noted = TypeVar("_Noted")

#: so many clients or addresses are remembered; the one unheard of for longest is forgotten
REMEMBERED = 10_000

#: longer names of tokens are refused
LONGEST_NAME = 100

#: how long an address waits after its first bad token, and at most [s]; it doubles each time
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0

#: bad tokens are forgotten after so long without another [s]
FORGOTTEN = 900.0


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


@dataclass(frozen=True)
class TokenRecord:
    """What is kept of a token: not the token itself."""

    name: str
    role: Role
    created: str  #: UTC, ISO 8601
    sha256: str


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


class Tokens:
    """The tokens that callers may show, in ``tokens.json`` of the home folder.

    The file is read again when it has changed, so that a token that another process revokes
    stops working at once.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "tokens.json"
        self._seen: tuple[object, tuple[TokenRecord, ...]] = (None, ())

    def list(self) -> tuple[TokenRecord, ...]:
        """All tokens, in the order in which they were added.

        Raises
        ------
        SettingsError : the file cannot be read
        """
        try:
            status = self._path.stat()
            stamp = status.st_ino, status.st_mtime_ns, status.st_size
            if stamp != self._seen[0]:
                plain = orjson.loads(self._path.read_bytes())
                self._seen = stamp, tuple(map(_record, plain["tokens"]))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{self._path} cannot be read: {error}") from None
        return self._seen[1]

    def add(self, name: str, role: Role) -> str:
        """Make a token and return it; it is shown this once, only its hash is kept.

        Raises
        ------
        InvalidRequestError : there is a token of that name, or it is no name
        """
        if not (name.isprintable() and 0 < len(name.strip()) <= LONGEST_NAME):
            raise InvalidRequestError(
                f"{name!r} is no name of a token: 1 to {LONGEST_NAME} printable letters"
            )
        secret = f"csserv_{secrets.token_urlsafe(32)}"
        with self._changing():
            known = self.list()
            if any(one.name == name for one in known):
                raise InvalidRequestError(f"there is a token {name!r} already; revoke it first")
            self._write([*known, TokenRecord(name, role, now(), _sha256(secret))])
        return secret

    def revoke(self, name: str) -> None:
        """Remove a token; it stops working at once.

        Raises
        ------
        InvalidRequestError : there is none of that name; with the nearest ones
        """
        with self._changing():
            known = self.list()
            if all(one.name != name for one in known):
                close = nearest(name, [one.name for one in known])
                hint = f"; did you mean {' or '.join(close)}?" if close else ""
                raise InvalidRequestError(f"there is no token {name!r}{hint}")
            self._write(one for one in known if one.name != name)

    def find(self, secret: str) -> Caller | None:
        """Find whose token this is; None if it is nobody's."""
        shown = _sha256(secret)
        for one in self.list():
            if hmac.compare_digest(one.sha256, shown):
                return Caller(one.name, one.role)
        return None

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Keep other processes from changing the file."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._path.with_suffix(".lock"))
            with closing(lock), lock:
                yield
        except OSError as error:
            raise SettingsError(f"cannot write {self._path}: {error.strerror}") from None

    def _write(self, records: Iterable[TokenRecord]) -> None:
        plain = {"tokens": [asdict(one) for one in records]}
        replace_file(self._path, orjson.dumps(plain, option=orjson.OPT_INDENT_2), private=True)


class RateLimit:
    """A bucket for each client that holds ``burst`` requests and fills again over time.

    Parameters
    ----------
    per_second : how many requests come back into a bucket [1/s]
    burst : how many may come at once
    clock : the time [s], from any beginning; it never goes back
    """

    def __init__(self, per_second: float, burst: float, clock: Clock = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = max(1.0, burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # content, when
        self._lock = threading.Lock()

    def check(self, client: str) -> None:
        """Take a request out of a client's bucket.

        Raises
        ------
        TooManyRequestsError : it is empty; says when there will be one
        """
        with self._lock:
            now = self._clock()
            content, then = self._buckets.pop(client, (self._burst, now))
            content = min(self._burst, content + (now - then) * self._per_second)
            is_full = content >= 1
            self._buckets[client] = (content - is_full, now)
            self._forget(now)
        if not is_full:
            raise TooManyRequestsError(
                f"more than {self._per_second:g} requests a second "
                "(CSSERV_REQUESTS_PER_SECOND); ask again later",
                (1 - content) / self._per_second,
            )

    def _forget(self, now: float) -> None:
        """Drop the buckets that are full again, and some more if there are too many."""
        idle = now - self._burst / self._per_second
        _drop_oldest(self._buckets, lambda bucket: bucket[1] < idle)


class Slowdown:
    """How long an address must wait that showed bad tokens: longer each time."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how many, when
        self._lock = threading.Lock()

    def delay(self, address: str) -> float:
        """Return how long the address must wait before a token of it is looked at [s]."""
        with self._lock:
            count, then = self._failures.get(address, (0, 0.0))
            if not count:
                return 0.0
            # beyond the tenth the wait stays the same; 2.0 ** 1024 would overflow
            wait = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(count - 1, 10))
            return max(0.0, then + wait - self._clock())

    def failed(self, address: str) -> None:
        """Note that the address showed a bad token."""
        with self._lock:
            now = self._clock()
            count, _ = self._failures.pop(address, (0, now))
            self._failures[address] = (count + 1, now)
            _drop_oldest(self._failures, lambda failure: failure[1] < now - FORGOTTEN)


def _drop_oldest(known: OrderedDict[str, _Noted], is_over: Callable[[_Noted], bool]) -> None:
    """Drop what is over, and the oldest of what is too many; the latest stands last."""
    while known and (len(known) > REMEMBERED or is_over(next(iter(known.values())))):
        known.popitem(last=False)


def _record(plain: dict[str, Any]) -> TokenRecord:
    return TokenRecord(**plain | {"role": Role(plain["role"])})


def _sha256(secret: str) -> str:
    # a fast hash without salt is enough: nobody can guess 256 random bits, nor list them
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()
