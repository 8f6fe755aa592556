"""``/r/TASK`` is a page for whoever has a browser, and for nobody who may not read the result."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
import requests

from csserv.language import Language, speaking, tr
from csserv.views.tasks.task_texts import NO_TASK
from tests.http.conftest import Server

pytestmark = pytest.mark.slow


def get(server: Server, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{server.url}{path}", headers=headers, timeout=60, allow_redirects=False)


def test_a_result_is_a_page_with_its_picture_and_its_files(server: Server):
    task = server.submit()["id"]
    server.until_ended(task)
    page = get(server, f"/r/{task}")
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'; style-src 'sha256-" in page.headers["Content-Security-Policy"]
    assert re.search(r"<h1>.*: 31(\.0)? mm/day</h1>", page.text)
    assert "app?page=result" not in page.text  # this server has no dashboard
    again = get(server, f"/r/{task}", **{"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    (picture,) = re.findall(r'og:image" content="([^"]*)"', page.text)
    assert picture == f"{server.url}/r/{task}/chart.png"
    led = [one for one in re.findall(r'href="([^"]*)"', page.text) if not one.startswith("#")]
    assert len(led) >= 6
    for one in [picture, *(f"{server.url}/r/{link}" for link in led)]:
        assert requests.get(one, timeout=60).status_code == 200, one
    assert requests.head(f"{server.url}/r/{task}", timeout=60).status_code == 200


def test_a_slash_at_the_end_of_the_address_does_no_harm(server: Server):
    task = server.submit()["id"]
    server.until_ended(task)
    answer = get(server, f"/r/{task}/?lang=fr")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"../{task}?lang=fr")
    followed = requests.get(f"{server.url}/r/{task}/?lang=fr", timeout=60)
    assert (followed.status_code, followed.url) == (200, f"{server.url}/r/{task}?lang=fr")
    assert "There is no such result" in get(server, "/r/%3Cscript%3E/").text


def test_what_there_is_no_page_of_is_said_on_one(server: Server):
    for path, status, said in (
        (f"/r/{uuid4()}", 404, "There is no such result"),
        ("/r/<script>", 404, "There is no such result"),
        (f"/r/{uuid4()}/chart.png", 404, "There is no such result"),
    ):
        answer = get(server, path)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert said in answer.text
        assert "<script" not in answer.text
    task = server.submit()["id"]
    server.until_ended(task)
    for query, said in (
        ("series=7", "no series 7; it has 0 to 0"),
        ("series=%3Cb%3E", "give the number of a series"),
        ("operation=max", "the result has no max"),
    ):
        answer = get(server, f"/r/{task}?{query}")
        assert (answer.status_code, said in answer.text.lower()) == (422, True), answer.text
    assert get(server, f"/r/{task}/chart.exe").status_code == 404


def test_a_report_is_a_file_to_take_away(server: Server):
    task = server.submit()["id"]
    server.until_ended(task)
    page = get(server, f"/r/{task}").text
    kinds = {"pdf": b"%PDF-", "docx": b"PK", "html": b"<!DOCTYPE html>"}
    for ending, begins in kinds.items():
        assert f'href="{task}/report.{ending}"' in page
        answer = get(server, f"/r/{task}/report.{ending}")
        assert (answer.status_code, answer.content.startswith(begins)) == (200, True)
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="rain_mean_')
        assert answer.headers["Content-Disposition"].endswith(f'.{ending}"')
    assert get(server, f"/r/{task}/report.pdf?series=9").status_code == 422
    missing = get(server, f"/r/{task}/report.odt")
    assert (missing.status_code, "chart.svg, report.pdf" in missing.text) == (404, True)
    assert get(server, f"/r/{uuid4()}/report.pdf").status_code == 404


def test_a_page_speaks_the_language_that_its_reader_asks_for(server: Server):
    task = server.submit()["id"]
    server.until_ended(task)
    french = get(server, f"/r/{task}", **{"Accept-Language": "fr-CA, en;q=0.5"})
    assert '<html lang="fr" dir="ltr">' in french.text
    assert french.headers["Content-Language"] == "fr"
    assert "Set-Cookie" not in french.headers
    arabic = get(server, f"/r/{task}?lang=ar", **{"Accept-Language": "fr"})
    assert '<html lang="ar" dir="rtl">' in arabic.text
    assert f'og:image" content="{server.url}/r/{task}/chart.png?lang=ar"' in arabic.text
    assert "csserv_lang=ar" in arabic.headers["Set-Cookie"]
    kept = get(server, f"/r/{task}", **{"Cookie": "csserv_lang=ar", "Accept-Language": "fr"})
    assert '<html lang="ar" dir="rtl">' in kept.text
    assert 'hreflang="sw"' in kept.headers["Link"]
    assert kept.headers["ETag"] != french.headers["ETag"]
    lost = get(server, f"/r/{uuid4()}?lang=es")
    assert (lost.status_code, "No existe ese resultado" in lost.text) == (404, True)
    assert "CSSERV_HOME" not in lost.text
    with speaking(Language.of("es")):
        assert tr(NO_TASK) in lost.text
    assert 'lang="en"' in get(server, f"/r/{task}", **{"Accept-Language": "tlh"}).text
