"""Before its scripts are there, a page shows its name, its links, the map and its fields."""

from __future__ import annotations

import re

from dashboard.shell import land, shell

PAGES = [("request", "Request"), ("tasks", "Tasks & <more>")]


def test_the_page_of_a_request_shows_map_and_fields():
    found = shell("request", PAGES, is_dark=False)
    assert found.count("<svg") == 1
    for text in ("Dataset", "Period", "Submit request", "The page is loading"):
        assert text in found
    assert '<a href="?page=request" aria-current=page>Request</a>' in found


def test_others_show_their_name_and_lines_in_place_of_what_comes():
    found = shell("tasks", PAGES, is_dark=True)
    assert "<svg" not in found
    assert "<h1>Tasks &amp; &lt;more&gt;</h1>" in found
    assert 'class="dark"' in found


def test_the_land_is_a_few_kilobytes_and_on_the_globe():
    path = land()
    assert 4_000 < len(path) < 20_000
    corners = [tuple(map(int, one.split())) for one in re.findall(r"-?\d+ -?\d+", path)]
    assert all(-180 <= x <= 180 and -84 <= y <= 90 for x, y in corners)
    assert any(8 <= x <= 11 and abs(y) <= 2 for x, y in corners)  # Gabon, at the equator
