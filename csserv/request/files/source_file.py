"""An area file on its way in: where it lies, what it is called, its limits and choices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from csserv.notes import Note
from csserv.request.files.file_choices import FileChoices
from csserv.request.files.text_encoding import decode_text
from csserv.request.limits import Limits


@dataclass(frozen=True)
class SourceFile:
    """A file to read, the name its sender knows it by, the limits, and what was chosen of it."""

    path: Path
    name: str
    limits: Limits
    choices: FileChoices

    @property
    def most(self) -> int | None:
        """How many features to read: one more than allowed, so that an excess is noticed."""
        return None if self.limits.zones is None else self.limits.zones + 1

    def text(self) -> tuple[str, tuple[Note, ...]]:
        """Read it as text, and tell what was assumed of its encoding."""
        return decode_text(self.path.read_bytes(), self.choices.encoding, self.name)
