"""Bring the catalogs of translations up to date with the code: ``make languages``.

What is new comes in empty, and the tests say so until it is translated; what no code says any more
is taken out. A new language: ``python -m scripts.languages de``.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]

#: folders whose texts are translated
FOLDERS = ("csserv", "dashboard")

CATALOGS = ROOT / "csserv" / "language" / "catalogs"

#: kind of file → what finds its texts; the first that fits counts
METHODS = [
    ("**.py", "python"),
    ("**.html", "jinja2.ext:babel_extract"),
    ("**.js", "javascript"),
    ("**/report.toml", "scripts.languages:words_of_report"),
]

#: function → which of its arguments are texts
KEYWORDS = {"tr": None, "mark": None, "trn": (1, 2), "mark_count": (1, 2), "said": None}


def catalog_of_code() -> Catalog:
    """Collect the texts of the code, in the order of files and lines."""
    found = Catalog(charset="utf-8")
    for folder in FOLDERS:
        rows = extract_from_dir(ROOT / folder, METHODS, keywords=KEYWORDS)
        for name, _, text, _, _ in rows:
            found.add(text, locations=[(f"{folder}/{name}", 0)])
    return found


def words_of_report(
    file: BinaryIO, *_: object, **__: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Find the words of the template of reports; Babel calls it."""
    words = tomllib.loads(file.read().decode())["words"]
    yield from ((0, None, text, []) for text in words.values() if text)


def read_catalog(path: Path) -> Catalog:
    """Read the catalog of a language."""
    return read_po(BytesIO(path.read_bytes()), locale=path.stem.replace("-", "_"))


def update(path: Path, texts: Catalog) -> Catalog:
    """Write a catalog anew, with the texts of the code; return it."""
    code = path.stem
    new = Catalog(Locale.parse(code, sep="-"), charset="utf-8", fuzzy=False)
    if path.exists():
        old = read_catalog(path)
        new.header_comment = old.header_comment
    else:
        old = new
        new.header_comment = f"# {code}: glossary, a line a term; see the other catalogs"
    for message in texts:
        if message.id:
            known = old.get(message.id)
            said = known.string if known and "fuzzy" not in known.flags else ""
            new.add(message.id, said, message.locations)
    written = BytesIO()
    write_po(written, new, width=100, omit_header=False, include_lineno=False)
    path.write_bytes(_without_dates(written.getvalue()))
    return new


def main(codes: list[str]) -> None:
    """Update all catalogs, and those of new languages; say what is left to translate."""
    texts = catalog_of_code()
    paths = {*CATALOGS.glob("*.po"), *(CATALOGS / f"{code}.po" for code in codes)}
    for path in sorted(paths):
        empty = [one for one in update(path, texts) if one.id and not is_whole(one)]
        print(f"{path.name}: {len(texts)} texts, {len(empty)} to be translated")


def is_whole(message: Message) -> bool:
    """Whether a message is translated, in all forms of a count."""
    said = message.string
    return bool(said) if isinstance(said, str) else bool(said) and all(said or ())


def _without_dates(text: bytes) -> bytes:
    """Leave out the lines that change with each update, and those that say nothing."""
    names = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team")
    more = ("Project-Id-Version", "Report-Msgid-Bugs-To", "Generated-By", "MIME-Version")
    idle = tuple(f'"{name}'.encode() for name in (*names, *more))
    return b"".join(line for line in text.splitlines(True) if not line.startswith(idle))


if __name__ == "__main__":
    main(sys.argv[1:])
