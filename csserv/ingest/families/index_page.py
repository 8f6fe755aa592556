"""Reads the files of a folder from the page that a web server shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from csserv.errors import FetchError


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


class _Links(HTMLParser):
    """Collects links, and the text behind each up to the next one."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self._behind: list[str] = []
        self._href = ""
        self._inside = False
        self._title: list[str] | None = None
        self._in_title = False

    @property
    def called(self) -> str:
        """The title of the page, to be told."""
        title = " ".join("".join(self._title or ()).split())[:80]
        return f" ({title!r})" if title else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a link, or the title."""
        if tag == "title" and self._title is None:
            self._title, self._in_title = [], True
        if tag == "a":
            self._end()
            self._href, self._inside = dict(attrs).get("href") or "", True

    def handle_endtag(self, tag: str) -> None:
        """End the name of a link; what follows is beside it."""
        if tag == "title":
            self._in_title = False
        if tag == "a":
            self._inside = False

    def handle_data(self, data: str) -> None:
        """Keep what stands behind a link."""
        if self._in_title and self._title is not None:
            self._title.append(data)
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
