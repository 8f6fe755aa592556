"""The areas and questions that a user has saved under names, in a file of the user's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from csserv.access.records import Records
from csserv.errors import InvalidRequestError
from csserv.language import mark, tr

#: folder of a home with one file for each user
FOLDER = "favourites"

#: what may be saved → what it is called where it is refused
KINDS = {"area": mark("saved area"), "question": mark("favourite question")}

#: letters of a title; favourites of a kind; letters of one, and of all of a user
LONGEST_TITLE, MOST, LARGEST, LARGEST_OF_ALL = 60, 100, 400_000, 4_000_000


@dataclass(frozen=True)
class Favourite:
    """An area or a question under a name.

    Attributes
    ----------
    name : kind and title, such as "area:Lake Victoria"; no two of a user's are equal
    query : what is asked, as the address of the form
    shape : an area that the address does not tell exactly, packed; empty for none

    Raises
    ------
    InvalidRequestError : it has no usable title, or is too large
    """

    name: str
    query: str
    shape: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidRequestError(f"{self.kind!r} is no kind of favourite: {', '.join(KINDS)}")
        checked_title(self.title)
        if self.size > LARGEST:
            raise InvalidRequestError(
                tr(
                    "{title} has too many corners or zones to be saved: {size} kB; at most {most} "
                    "kB are kept under a name. Add it as a layer, or simplify it.",
                    title=self.title,
                    size=round(self.size / 1000),
                    most=LARGEST // 1000,
                )
            )

    @classmethod
    def of(cls, kind: str, title: str, query: str, shape: str = "") -> Favourite:
        """Build one of its kind, a key of ``KINDS``, and a title as somebody has written it."""
        return cls(f"{kind}:{' '.join(title.split())}", query, shape)

    @property
    def kind(self) -> str:
        """The kind, a key of ``KINDS``."""
        return self.name.partition(":")[0]

    @property
    def title(self) -> str:
        """The name that the user gave it."""
        return self.name.partition(":")[2]

    @property
    def size(self) -> int:
        """How much is kept [letters]."""
        return len(self.name) + len(self.query) + len(self.shape)

    def renamed(self, title: str) -> Favourite:
        """Return the same under another title."""
        return replace(self, name=Favourite.of(self.kind, title, "").name)


class Favourites:
    """The favourites of one user in a home, which all processes and tabs share.

    Parameters
    ----------
    user : name of the user
    """

    def __init__(self, home: Path, user: str) -> None:
        # a hash, as the name of a user may have any letters, and be longer than that of a file
        name = hashlib.sha256(user.encode("utf-8", "backslashreplace")).hexdigest()[:32]
        self.path = home / FOLDER / f"{name}.json"
        self._records = Records(self.path, "favourite", read_record, home)

    def list(self, kind: str) -> tuple[Favourite, ...]:
        """Return those of a kind, by their titles.

        Raises
        ------
        SettingsError : the file cannot be read
        """
        found = (one for one in self._records.all() if one.kind == kind)
        return tuple(sorted(found, key=lambda one: (one.title.casefold(), one.title)))

    def find(self, kind: str, title: str) -> Favourite:
        """Return one of them.

        Raises
        ------
        InvalidRequestError : there is none of that name; it may have been removed meanwhile
        """
        for one in self._records.all():
            if (one.kind, one.title) == (kind, title):
                return one
        raise InvalidRequestError(
            tr("There is no {kind} {title} any more.", kind=tr(KINDS[kind]), title=title)
        )

    def add(self, favourite: Favourite) -> None:
        """Add one; those that other tabs add meanwhile stay.

        Raises
        ------
        InvalidRequestError : the name is taken, or there are too many
        SettingsError : the file cannot be written, and is as it was
        """
        self._records.change(lambda known: with_one_more(known, favourite))

    def rename(self, kind: str, title: str, to: str) -> None:
        """Give one another title.

        Raises
        ------
        InvalidRequestError : it is gone, or the new name is taken or not usable
        SettingsError : the file cannot be written, and is as it was
        """

        def renamed(known: tuple[Favourite, ...]) -> Iterable[Favourite]:
            old = self.find(kind, title)
            rest = tuple(one for one in known if one.name != old.name)
            return with_one_more(rest, old.renamed(to))

        self._records.change(renamed)

    def remove(self, kind: str, title: str) -> None:
        """Remove one; one that is gone already is no error.

        Raises
        ------
        SettingsError : the file cannot be written, and is as it was
        """
        name = f"{kind}:{title}"
        self._records.change(lambda known: [one for one in known if one.name != name])

    def forget(self) -> None:
        """Remove all of them with their file, as the user is removed."""
        self.path.unlink(missing_ok=True)


def with_one_more(known: tuple[Favourite, ...], new: Favourite) -> tuple[Favourite, ...]:
    """Return the known ones with a new one.

    Raises
    ------
    InvalidRequestError : the name is taken, or there are too many
    """
    check_room(new.kind, new.title, [one.title for one in known if one.kind == new.kind])
    if sum(one.size for one in (*known, new)) > LARGEST_OF_ALL:
        raise InvalidRequestError(
            tr(
                "What you have saved is as large as it may be, {most} MB: remove some of it first.",
                most=LARGEST_OF_ALL // 1_000_000,
            )
        )
    return (*known, new)


def check_room(kind: str, title: str, taken: Iterable[str]) -> None:
    """Check that there is room for one more title of a kind.

    Raises
    ------
    InvalidRequestError : the title is not usable, or taken, or there are too many
    """
    known, plain = list(taken), " ".join(title.split())
    checked_title(plain)
    if plain in known:
        raise InvalidRequestError(
            tr(
                "There is a {kind} {title} already: choose another name, or remove that one first.",
                kind=tr(KINDS[kind]),
                title=plain,
            )
        )
    if len(known) >= MOST:
        raise InvalidRequestError(
            tr("There are {most} already, as many as may be: remove one first.", most=MOST)
        )


def checked_title(title: str) -> str:
    """Return a title unchanged if it is usable.

    Raises
    ------
    InvalidRequestError : it is empty, too long, or has characters that cannot be printed
    """
    if title.isprintable() and 0 < len(title.strip()) <= LONGEST_TITLE:
        return title
    given = repr(title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…")
    raise InvalidRequestError(
        tr(
            "{given} is no name to save under: write 1 to {most} printable letters.",
            given=given,
            most=LONGEST_TITLE,
        )
    )


def read_record(plain: Mapping[str, Any]) -> Favourite:
    """Make a favourite of its JSON."""
    return Favourite(str(plain["name"]), str(plain["query"]), str(plain["shape"]))
