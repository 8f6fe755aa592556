"""Notes: what was assumed, left out or narrowed to answer a request, told with the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from csserv.language import said_again

#: code of a note whose own is not known
OTHER = "other"

#: code → what such a note is about
CODES = {
    "accumulated": "values that grow from 00 UTC on, as the files have them",
    "calendar": "dates of another calendar were taken as they are written",
    "classes": "values that are classes, of which an export has the cells",
    "files_skipped": "files that cannot be read, or whose data others hold as well",
    "grid": "where cells lie, where the file says it in part only, or says it twice",
    "incomplete": "longer steps that the period or the data fill only in part",
    "index": "what of an index is left out, goes beyond the period, has no value or is taken for 0",
    "layers": "the feature layer that zones are of: its source, and as of when it holds",
    "months": "times counted in months were read as calendar months",
    OTHER: "what a newer version of csserv says",
    "overlap": "steps that several files hold; each was read once",
    "period": "the period goes beyond the data",
    "reference": "which years the normals are of, where it is not all that were asked for",
    "steps": "where steps begin and how long they are, where the files do not say it",
    "synthetic": "data that were made up to try things with, and not observed",
    "units": "units that were converted, or taken from the catalog",
    "variable": "a variable whose name changes within the dataset",
    "zones": "what of an area file was left out, and the fields that name its zones",
}

#: notes that are taken over from a document, and letters of each
MOST, LONGEST = 20, 500


@dataclass(frozen=True)
class Note:
    """What was assumed, left out or narrowed.

    Attributes
    ----------
    code : one of ``CODES``
    text : a sentence for whoever reads the answer
    where : the file, zone or steps it is about; empty where it is about all
    """

    code: str
    text: str
    where: str = ""

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unknown note {self.code!r}; known are {', '.join(CODES)}")
        for name in ("text", "where"):  # they quote names of files and fields, whatever these hold
            told = getattr(self, name).encode(errors="backslashreplace").decode()
            object.__setattr__(self, name, told)

    def __str__(self) -> str:
        text = said_again(self.text)
        return f"{self.where}: {text}" if self.where else text

    def to_dict(self) -> dict[str, str]:
        """Plain values, as JSON has them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Read one from JSON; codes of a newer version are read as "other"."""
        code = str(plain["code"])
        known = code if code in CODES else OTHER
        return cls(known, str(plain["text"]), str(plain.get("where", "")))


def read_notes(plain: object) -> tuple[Note, ...]:
    """Read notes of a document that others may have written; what is none is left out."""
    rows = plain if isinstance(plain, list) else []
    known = [one for one in rows[:MOST] if isinstance(one, Mapping) and one.get("code") in CODES]
    return tuple(
        Note.from_dict({**one, "text": one["text"][:LONGEST]})
        for one in known
        if isinstance(one.get("text"), str)
    )


def each_once(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Leave out repeated notes; the order stays."""
    return tuple(dict.fromkeys(notes))


def is_synthetic(plain: Mapping[str, Any]) -> bool:
    """Whether the notes of a result's JSON say that its data are made up."""
    return any(note["code"] == "synthetic" for note in plain.get("notes", ()))
