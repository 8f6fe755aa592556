from __future__ import annotations

import pytest

from csserv.errors import FetchError
from csserv.ingest.families.index_page import read_index
from csserv.ingest.web.asking import Web

from .conftest import QUICK, Stand
from .troubles import answered

HERE = "https://data.example.org/rain/v1/2024/"


def links(*hrefs: str) -> str:
    rows = "".join(
        f'<tr><td><a href="{one}">x</a></td><td>2024-01-02 1K</td></tr>' for one in hrefs
    )
    return f'<html><table><a href="../">Parent</a>{rows}</table></html>'


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("a.tif", "a.tif"),
        ("./a.tif", "a.tif"),
        ("/rain/v1/2024/a.tif", "a.tif"),
        (HERE + "a.tif", "a.tif"),
        ("http://data.example.org/rain/v1/2024/a.tif", "a.tif"),  # asked for as the folder is
        ("//data.example.org/rain/v1/2024/a.tif", "a.tif"),
        ("a%20b%2B.tif", "a b+.tif"),
        ("%61.tif", "a.tif"),
        ("/rain/v1/%32024/a.tif", "a.tif"),
        ("a.tif#top", "a.tif"),
        ("../2024/a.tif", "a.tif"),
    ],
)
def test_files_of_the_folder_are_found_however_they_are_written(href: str, name: str) -> None:
    (found,) = read_index(links(href), HERE)
    assert found.name == name
    assert found.address.startswith("https://data.example.org/rain/v1/")
    assert "#" not in found.address


@pytest.mark.parametrize(
    "href",
    [
        "",
        "#",
        "../a.tif",
        "../../../../etc/a.tif",
        "sub/a.tif",
        "a.tif?token=1",
        "?C=M;O=A",
        "https://elsewhere.org/rain/v1/2024/a.tif",
        "https://data.example.org@elsewhere.org/rain/v1/2024/a.tif",
        "https://me@data.example.org/rain/v1/2024/a.tif",
        "javascript:alert('a.tif')",
        "data:image/tiff,a.tif",
        "ftp://data.example.org/rain/v1/2024/a.tif",
        "http://[a.tif",
        "2024/",
    ],
)
def test_links_to_other_places_are_left_out(href: str) -> None:
    assert read_index(links(href), HERE) == []


@pytest.mark.parametrize(
    "page",
    [
        '[{"name": "a.tif", "type": "file"}]',
        "",
        "\0\1\2",
        "<html><title>Sign\n in</title><form><a href='/forgotten'>?</a></form></html>",
        "<html>Down for maintenance; see <a href='https://status.example.org/'>status</a></html>",
    ],
)
def test_a_page_that_lists_nothing_is_told_not_taken_for_an_empty_folder(page: str) -> None:
    with pytest.raises(FetchError, match="shows no list of files, but another page"):
        read_index(page, HERE)


def test_the_title_of_such_a_page_is_told() -> None:
    with pytest.raises(FetchError, match=r"another page \('Sign in'\): a login"):
        read_index("<title>Sign\n in</title>", HERE)


#: server → the page of a folder with two files, as it writes it
PAGES = {
    "Apache": (
        '<pre><a href="?C=N;O=D">Name</a> <a href="?C=M;O=A">Last modified</a><hr>'
        '<img src="/b.gif" alt="[   ]"> <a href="../">Parent Directory</a>       -   \n'
        '<img src="/u.gif" alt="[   ]"> <a href="a.tif">a.tif</a>  2024-01-02 10:00   17K  \n'
        '<img src="/u.gif" alt="[   ]"> <a href="b.tif">b.tif</a>  2024-01-03 11:00   18K  \n'
        "<hr></pre>"
    ),
    "Apache, as a table": (
        '<table><tr><th><a href="?C=N">Name</a></th></tr>'
        '<tr><td><a href="../">Parent</a></td></tr>\n'
        '<tr><td><a href="a.tif">a.tif</a></td>\n<td>2024-01-02 10:00</td><td> 17K</td></tr>\n'
        '<tr><td><a href="b.tif">b.tif</a></td>\n<td>2024-01-03 11:00</td><td> 18K</td></tr>'
    ),
    "IIS": (
        '<pre><A HREF="/rain/v1/">[To Parent Directory]</A><br><br>'
        ' 2024-01-02 10:00   17K <A HREF="/rain/v1/2024/a.tif">a.tif</A><br>'
        ' 2024-01-03 11:00   18K <A HREF="/rain/v1/2024/b.tif">b.tif</A><br></pre><hr>'
    ),
    "a table with dates first": (
        '<table><tr><td></td><td><a href="../">..</a></td></tr>'
        '<tr><td>2024-01-02 10:00</td>\n<td>17K</td>\n<td><a href="a.tif">a.tif</a></td></tr>'
        '<tr><td>2024-01-03 11:00</td>\n<td>18K</td>\n<td><a href="b.tif">b.tif</a></td></tr>'
    ),
    "one block a column": (
        '<div><a href="../">..</a></div>'
        "<div><a href='a.tif'>a.tif</a></div><div>2024-01-02 10:00</div><div>17K</div>"
        "<div><a href='b.tif'>b.tif</a></div><div>2024-01-03 11:00</div><div>18K</div>"
    ),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_date_and_size_of_a_file_are_its_own_wherever_they_stand(page: str) -> None:
    found = {one.name: one.stamp for one in read_index(page, HERE)}
    assert found == {"a.tif": "2024-01-02 10:00 17K", "b.tif": "2024-01-03 11:00 18K"}


def test_an_empty_folder_is_one() -> None:
    assert read_index(links(), HERE) == []


@pytest.mark.slow
def test_a_page_of_a_hundred_thousand_links_is_read() -> None:
    page = links(*(f"rain.{number}.tif" for number in range(100_000)))
    assert len(read_index(page, HERE)) == 100_000


def test_a_page_that_does_not_end_is_refused(stand: Stand) -> None:
    address = f"{stand.replay.address}index/"
    stand.replay.troubles["/index/"] = [answered(b"<a href=x>" * 900_000)]
    with pytest.raises(FetchError, match="larger than 4 MB; no list is"):
        Web(pace=QUICK).page(address, most=4 * 2**20)


def test_a_page_of_a_strange_encoding_is_read(stand: Stand) -> None:
    strange = {"Content-Type": "text/html; charset=klingon"}
    stand.replay.troubles["/index/"] = [answered("Réunion".encode(), strange)]
    assert Web(pace=QUICK).page(f"{stand.replay.address}index/") == "Réunion"


def test_a_login_page_in_place_of_a_folder_is_told(stand: Stand) -> None:
    stand.publish("tamsat", "2024-01-01")
    base = stand.replay.shelf.root(stand.table["tamsat"])
    page = answered(b"<html><title>Log in</title></html>", {"Content-Type": "text/html"})
    stand.replay.troubles[f"{base}daily/2024/01/"] = [page]
    with pytest.raises(FetchError, match="'Log in'"):
        stand.fetch("tamsat", "2024-01-01", "2024-01-01")
