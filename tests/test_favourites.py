"""Saved areas and questions: a user's own, none lost, bad ones refused, whole or absent."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from csserv.access import Role, Users, users
from csserv.access.account_repair import plan_accounts, repair_accounts
from csserv.access.favourites import (
    LARGEST,
    LARGEST_OF_ALL,
    LONGEST_TITLE,
    MOST,
    Favourite,
    Favourites,
)
from csserv.errors import InvalidRequestError, SettingsError

QUERY = "?page=request&dataset=rain&area=KEN"


def titles(home: Path, user: str, kind: str = "area") -> list[str]:
    """What another process reads."""
    return [one.title for one in Favourites(home, user).list(kind)]


@pytest.fixture
def kept(tmp_path: Path) -> Favourites:
    own = Favourites(tmp_path, "anna")
    for title in ("Lake", "delta", "Ébo"):
        own.add(Favourite.of("area", title, QUERY))
    return own


def test_what_is_saved_is_read_by_all_processes_of_its_user_and_by_nobody_else(
    kept: Favourites, tmp_path: Path
):
    kept.add(Favourite.of("question", "Lake", f"{QUERY}&period=2019"))
    assert titles(tmp_path, "anna") == ["delta", "Lake", "Ébo"]
    assert titles(tmp_path, "anna", "question") == ["Lake"]
    assert Favourites(tmp_path, "anna").find("area", "Lake").query == QUERY
    for other in ("Anna", "anna ", "../anna", "berta", ""):
        assert titles(tmp_path, other) == []
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700


def test_one_is_renamed_and_removed_and_the_others_stay(kept: Favourites, tmp_path: Path):
    kept.rename("area", "Lake", "  Great \t lake ")
    assert titles(tmp_path, "anna") == ["delta", "Great lake", "Ébo"]
    kept.rename("area", "delta", "delta")
    with pytest.raises(InvalidRequestError, match="There is a saved area delta already"):
        kept.rename("area", "Great lake", "delta")
    with pytest.raises(InvalidRequestError, match="no saved area Lake any more"):
        kept.rename("area", "Lake", "Pond")
    for _ in range(2):  # another tab was quicker
        kept.remove("area", "delta")
    assert titles(tmp_path, "anna") == ["Great lake", "Ébo"]
    with pytest.raises(InvalidRequestError, match="no saved area delta any more"):
        kept.find("area", "delta")


@pytest.mark.parametrize("title", ["", "   ", "a\x00b", "x\u202e", "\ud800", "n" * 61])
def test_names_that_nobody_can_read_are_refused_in_words(title: str):
    with pytest.raises(InvalidRequestError, match=f"write 1 to {LONGEST_TITLE} printable letters"):
        Favourite.of("area", title, QUERY)


def test_numbers_and_sizes_have_limits_and_what_is_over_them_changes_nothing(tmp_path: Path):
    own = Favourites(tmp_path, "anna")
    with pytest.raises(InvalidRequestError, match="Big has too many corners or zones"):
        Favourite.of("area", "Big", QUERY, "x" * LARGEST)
    large = "x" * (LARGEST - 1000)
    for number in range(LARGEST_OF_ALL // LARGEST):
        own.add(Favourite.of("question", f"{number}", QUERY, large))
    with pytest.raises(InvalidRequestError, match="as large as it may be, 4 MB"):
        own.add(Favourite.of("question", "one more", QUERY, large))
    rows = [Favourite.of("area", f"{number}", QUERY) for number in range(MOST)]
    own._records.change(lambda known: [*known, *rows])
    with pytest.raises(InvalidRequestError, match="There are 100 already"):
        own.add(Favourite.of("area", "one more", QUERY))
    assert len(own.list("area")) == MOST
    assert len(own.list("question")) == LARGEST_OF_ALL // LARGEST


def test_tabs_that_save_at_once_lose_nothing(tmp_path: Path):
    def save(tab: int) -> None:
        for number in range(12):
            Favourites(tmp_path, "anna").add(Favourite.of("area", f"{tab} {number}", QUERY))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(save, range(3)))
    assert len(titles(tmp_path, "anna")) == 36


def test_damage_is_told_never_written_over_and_repaired(kept: Favourites, tmp_path: Path):
    whole = kept.path.read_bytes()
    damaged = whole.replace(b"delta", b"del\xffa")
    kept.path.write_bytes(damaged)
    for attempt in (
        lambda: titles(tmp_path, "anna"),
        lambda: kept.add(Favourite.of("area", "Pond", QUERY)),
    ):
        with pytest.raises(SettingsError, match="csserv repair"):
            attempt()
    assert kept.path.read_bytes() == damaged
    assert [one.path for one in plan_accounts(tmp_path)] == [kept.path]
    repair_accounts(tmp_path)
    assert titles(tmp_path, "anna") == ["Lake", "Ébo"]
    assert list((tmp_path / "damaged" / "settled").iterdir())
    assert plan_accounts(tmp_path) == []


def test_the_favourites_of_a_removed_user_are_not_those_of_the_next_one_of_that_name(
    kept: Favourites, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(users, "COST", {"n": 2**10, "r": 8, "p": 1})
    Users(tmp_path).add("anna", Role.READER, "right-password")
    assert titles(tmp_path, "anna")
    Users(tmp_path).remove("anna")
    Users(tmp_path).add("anna", Role.READER, "right-password")
    assert titles(tmp_path, "anna") == []


def test_the_file_is_plain_json(kept: Favourites):
    plain = json.loads(kept.path.read_text())
    assert plain["favourites"][0] == {"name": "area:Lake", "query": QUERY, "shape": ""}
