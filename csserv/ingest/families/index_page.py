"""Reads the files of a folder from the page that a web server shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit


@dataclass(frozen=True)
class Listed:
    """A file of a folder.

    Attributes
    ----------
    stamp : date and size, as the page has them beside the name
    """

    name: str
    address: str
    stamp: str


def read_index(page: str, address: str) -> list[Listed]:
    """Read the files of a folder; links to other folders and places are left out.

    Parameters
    ----------
    page : HTML, as Apache, nginx and others write it: a link a file, its date and size behind it
    address : of the page; ends with a slash
    """
    parser = _Links()
    parser.feed(page)
    parser.close()
    base, found = urlsplit(address), {}
    for href, text in parser.links:
        try:
            target = urlsplit(urljoin(address, href))
        except ValueError:  # no address at all
            continue
        folder, _, name = target.path.rpartition("/")
        if target.netloc == base.netloc and f"{folder}/" == base.path and name and not target.query:
            found[unquote(name)] = Listed(
                unquote(name), target._replace(fragment="").geturl(), text
            )
    return list(found.values())


class _Links(HTMLParser):
    """Collects links, and the text behind each up to the next one."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self._behind: list[str] = []
        self._href = ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a link."""
        if tag == "a":
            self._end()
            self._href, self._inside = dict(attrs).get("href") or "", True

    def handle_endtag(self, tag: str) -> None:
        """End the name of a link; what follows is beside it."""
        if tag == "a":
            self._inside = False

    def handle_data(self, data: str) -> None:
        """Keep what stands behind a link."""
        if self._href and not self._inside:
            self._behind.append(data)

    def close(self) -> None:
        """End the page."""
        super().close()
        self._end()

    def _end(self) -> None:
        if self._href:
            self.links.append((self._href, " ".join(" ".join(self._behind).split())[:80]))
        self._href, self._behind = "", []
