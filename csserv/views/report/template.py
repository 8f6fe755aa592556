"""The template of reports: words, logo, colour and order, which an institute can change."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csserv.errors import SettingsError, nearest

#: file of a template's folder that says all, and one that it may have in place of ours for HTML
WORDS_FILE, HTML_FILE = "report.toml", "report.html"

#: kinds of values in words
KINDS = {str: "a text", int: "a whole number", list: "a list", dict: "a table"}

HERE = Path(__file__).parent

#: parts of a report that may stand in `sections`
SECTIONS = ("chart", "map", "table", "steps", "method", "notes", "citation")

#: kinds of pictures that PDF and Word take
PICTURES = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class ReportTemplate:
    """What a report is made with.

    Attributes
    ----------
    folder : of the template; the logo, the font and perhaps ``report.html`` lie in it
    sections : the parts, in their order
    words : headings and paragraphs by name

    Raises
    ------
    SettingsError : a part, word or kind of value is unknown; says what is known
    """

    folder: Path
    institute: str
    logo: Path | None
    font: Path | None
    accent: str
    sections: tuple[str, ...]
    most_zones: int
    most_steps: int
    words: dict[str, str]

    def __post_init__(self) -> None:
        where = self.folder / WORDS_FILE
        for one in self.sections:
            if one not in SECTIONS:
                raise SettingsError(f"{where}: no section {one!r}; there are {', '.join(SECTIONS)}")
        if not re.fullmatch("#[0-9a-fA-F]{6}", self.accent):
            raise SettingsError(f"{where}: accent is {self.accent!r}; write it as #0b4f71")
        for name in ("most_zones", "most_steps"):
            if not 1 <= getattr(self, name) <= 1000:
                raise SettingsError(f"{where}: {name} is {getattr(self, name)}; allowed 1 to 1000")
        for path, kinds in ((self.logo, PICTURES), (self.font, (".ttf",))):
            if path and path.suffix.lower() not in kinds:
                raise SettingsError(f"{where}: {path.name} is none of {', '.join(kinds)}")
            if path and not path.is_file():
                raise SettingsError(f"{where}: there is no file {path.name} in {self.folder}")

    @property
    def html(self) -> Path:
        """The template of the HTML report."""
        own = self.folder / HTML_FILE
        return own if own.is_file() else HERE / HTML_FILE


def read_template(folder: Path | None = None) -> ReportTemplate:
    """Read a template; what it leaves out is as in ours.

    Raises
    ------
    SettingsError : there is no such folder, or its file is wrong; says how
    """
    ours = tomllib.loads((HERE / WORDS_FILE).read_text(encoding="utf-8"))
    given = _given(folder) if folder else {}
    where = (folder or HERE) / WORDS_FILE
    _check_names(given, ours, where)
    _check_names(given.get("words", {}), ours["words"], where)
    said = ours | given
    return ReportTemplate(
        folder or HERE,
        institute=said["institute"],
        logo=(folder or HERE) / said["logo"] if said["logo"] else None,
        font=(folder or HERE) / said["font"] if said["font"] else None,
        accent=said["accent"],
        sections=tuple(said["sections"]),
        most_zones=said["most_zones"],
        most_steps=said["most_steps"],
        words=ours["words"] | given.get("words", {}),
    )


def write_template(folder: Path) -> list[Path]:
    """Copy our template into a folder, to be changed; files that are there stay.

    Raises
    ------
    SettingsError : the folder cannot be written
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (WORDS_FILE, HTML_FILE):
            path = folder / name
            if not path.exists():
                path.write_text((HERE / name).read_text(encoding="utf-8"), encoding="utf-8")
                written.append(path)
    except OSError as error:
        raise SettingsError(f"cannot write {folder}: {error.strerror or error}") from None
    return written


def _given(folder: Path) -> dict[str, Any]:
    path = folder / WORDS_FILE
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"cannot read {path}: {error.strerror or error}; `csserv report --new-template "
            f"{folder}` writes one to change"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no TOML: {error}") from None


def _check_names(given: Any, ours: dict[str, Any], where: Path) -> None:
    """See that each name is one of ours, with a value of the same kind."""
    for name, value in given.items():
        if name not in ours:
            near = nearest(name, list(ours), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingsError(f"{where}: {name} is not known{hint}")
        if type(value) is not type(ours[name]):
            kind = KINDS[type(ours[name])]
            raise SettingsError(f"{where}: {name} is {value!r}; it must be {kind}")
