"""Reads the files of a folder from the page that a web server shows of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from csserv.errors import FetchError

#: tags that begin another line
BREAKS = ("br", "tr", "li", "p", "hr", "div")


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
    page : HTML, as Apache, nginx, IIS and others write it: a link a file, its date and size behind
        it, or before
    address : of the page; ends with a slash

    Raises
    ------
    FetchError : it is another page than one of a folder, such as that of a login
    """
    parser = _Links()
    parser.feed(page)
    parser.close()
    base, found, is_list = urlsplit(address), {}, False
    path = unquote(base.path)
    for href, text in parser.links:
        try:
            target = urlsplit(urljoin(address, href))
        except ValueError:  # no address at all
            continue
        if target.scheme not in ("http", "https") or target.netloc != base.netloc:
            continue
        folder, _, name = target.path.rpartition("/")
        folder, name = unquote(f"{folder}/"), unquote(name)
        is_list = is_list or folder.startswith(path) or f"{folder}{name}" == _parent(path)
        if folder == path and name and not target.query:
            own = target._replace(scheme=base.scheme, fragment="")
            found[name] = Listed(name, own.geturl(), text)
    if not is_list:
        raise FetchError(
            f"{address} shows no list of files, but another page{parser.called}: a login, a proxy "
            "or an error page is in between, or the provider has changed"
        )
    return list(found.values())


def _parent(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0] + "/"


@dataclass(frozen=True)
class _Link:
    """A link, and the texts beside it.

    Attributes
    ----------
    before, after : in the same line, or row of a table
    behind : up to the next link, of however many lines
    """

    href: str
    before: str
    after: str
    behind: str

    @property
    def is_led(self) -> bool:
        """Whether date and size stand before the name."""
        return _has_digit(self.before) and not _has_digit(self.after)


class _Links(HTMLParser):
    """Collects links, and what stands beside each."""

    def __init__(self) -> None:
        super().__init__()
        self._links: list[_Link] = []
        self._line: list[str] = []
        self._before, self._after = "", ""
        self._behind: list[str] = []
        self._href = ""
        self._inside = self._in_row = self._has_after = False
        self._title: list[str] | None = None
        self._in_title = False

    @property
    def called(self) -> str:
        """The title of the page, to be told."""
        title = _plain(self._title or ())[:80]
        return f" ({title!r})" if title else ""

    @property
    def links(self) -> list[tuple[str, str]]:
        """Each link, and date and size beside it: servers write them behind all names or before."""
        led = 2 * sum(one.is_led for one in self._links) > len(self._links)
        return [(one.href, one.before if led else one.behind) for one in self._links]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a link, a line, or the title."""
        if tag == "title" and self._title is None:
            self._title, self._in_title = [], True
        if tag in BREAKS:
            self._break()
        self._in_row = self._in_row or tag == "tr"
        if tag == "a":
            self._end()
            self._before, self._line = _plain(self._line), []
            self._href, self._inside = dict(attrs).get("href") or "", True

    def handle_endtag(self, tag: str) -> None:
        """End the name of a link; what follows is beside it."""
        if tag == "title":
            self._in_title = False
        if tag == "tr":
            self._break()
            self._in_row = False
        if tag == "a":
            self._inside = False

    def handle_data(self, data: str) -> None:
        """Keep what stands beside links."""
        if self._in_title and self._title is not None:
            self._title.append(data)
        if self._inside:
            return
        self._behind.append(data)
        # a row of a table may be of several lines
        first, *more = [data] if self._in_row else data.split("\n")
        self._line.append(first)
        for one in more:
            self._break()
            self._line.append(one)

    def close(self) -> None:
        """End the page."""
        super().close()
        self._end()

    def _break(self) -> None:
        if self._href and not self._has_after:
            self._after, self._has_after = _plain(self._line), True
        self._line = []

    def _end(self) -> None:
        if self._href:
            after = self._after if self._has_after else _plain(self._line)
            behind = _plain(self._behind)[:80]
            self._links.append(_Link(self._href, self._before[:80], after, behind))
        self._href, self._behind = "", []
        self._after, self._has_after = "", False


def _plain(parts: Iterable[str]) -> str:
    return " ".join(" ".join(parts).split())


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)
