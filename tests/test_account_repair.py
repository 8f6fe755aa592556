"""Damaged files of tokens and users: never written over, and what is whole of them comes back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from csserv.access import Role, Tokens, Users
from csserv.access.account_repair import plan_accounts, repair_accounts
from csserv.cli import main
from csserv.errors import SettingsError, TaskLogError
from csserv.tasks.log.lock import FileLock

NAMES = ("anna", "bob", "Zoë")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name, role in zip(NAMES, Role, strict=True):
        Tokens(tmp_path).add(name, role)
    return tmp_path


def damages(raw: bytes) -> dict[str, bytes]:
    """The file with one bit flipped, at many places, and beginnings of it."""
    flipped = {
        f"a bit of {place}": raw[:place] + bytes([raw[place] ^ 1 << place % 8]) + raw[place + 1 :]
        for place in range(0, len(raw), 3)
    }
    return flipped | {f"{size} bytes": raw[:size] for size in range(0, len(raw), 11)}


def test_no_damage_changes_a_token_unseen_and_a_repair_loses_one_record_at_most(home: Path):
    path, known = home / "tokens.json", Tokens(home).list()
    raw = path.read_bytes()
    for what, damaged in damages(raw).items():
        path.write_bytes(damaged)
        try:
            assert Tokens(home).list() == known, what
            continue  # a space was damaged
        except SettingsError as error:
            assert "csserv repair" in str(error), what  # noqa: PT017  # either is right
        with pytest.raises(SettingsError):
            Tokens(home).add("eve", Role.ADMIN)
        assert path.read_bytes() == damaged, what
        (plan,) = plan_accounts(home)
        kept = [str(row["name"]) for row in plan.rows or ()]
        whole = sum(damaged.find(str(row.sha256).encode()) > 0 for row in known)
        assert [one for one in NAMES if one in kept] == kept, what
        assert len(kept) >= (2 if len(damaged) == len(raw) else whole - 1), what
        assert len(kept) + len(plan.missing) >= whole, what
        shutil.rmtree(home / "damaged")  # each is compared with those before it


def test_repair_writes_what_is_whole_and_keeps_the_damaged_file(home: Path):
    known, path = Tokens(home).list(), home / "tokens.json"
    damaged = path.read_bytes().replace(b"bob", b"b\x00b")
    path.write_bytes(damaged)
    repair_accounts(home)
    assert Tokens(home).list() == (known[0], known[2])
    assert damaged in [one.read_bytes() for one in (home / "damaged" / "settled").iterdir()]
    assert plan_accounts(home) == []


def test_file_of_an_older_version_has_no_checksums_and_what_can_be_read_of_it_is_told(home: Path):
    path, known = home / "tokens.json", Tokens(home).list()
    old = json.dumps({"tokens": json.loads(path.read_bytes())["tokens"]}).encode()
    path.write_bytes(old)
    assert Tokens(home).list() == known
    path.write_bytes(old[: old.index(b"Zo") + 4])
    (plan,) = repair_accounts(home)
    assert plan.said[0].endswith("2 tokens are read, 2 of them without a checksum")
    assert "Zo" in plan.missing[0]
    assert Tokens(home).list() == known[:2]


def test_what_was_revoked_since_does_not_come_back_but_a_file_that_is_gone_does(home: Path):
    path, known = home / "tokens.json", Tokens(home).list()
    raw = path.read_bytes()
    path.write_bytes(raw[:-5])
    with pytest.raises(SettingsError, match="a copy is damaged/accounts/tokens"):
        Tokens(home).list()
    path.write_bytes(raw)
    Tokens(home).revoke("bob")
    (plan,) = repair_accounts(home)
    assert "is whole" in plan.said[0]
    assert [one.name for one in Tokens(home).list()] == ["anna", "Zoë"]
    path.write_bytes(raw[:-5])
    with pytest.raises(SettingsError):
        Tokens(home).list()
    path.unlink()
    (plan,) = repair_accounts(home)
    assert "tokens.json is gone: 3 tokens are read of tokens.json.20" in plan.said[0]
    assert Tokens(home).list() == known


def test_command_shows_it_first_and_does_it_when_told_while_nobody_works(home: Path, monkeypatch):
    monkeypatch.setenv("CSSERV_HOME", str(home))
    Users(home).add("root", Role.ADMIN, "password of root")
    path = home / "users.json"
    path.write_bytes(path.read_bytes()[:-3])
    run = CliRunner()
    shown = run.invoke(main, ["repair"])
    assert (shown.exit_code, "users.json is damaged" in shown.output) == (1, True)
    assert "1 users are read" in shown.output
    with pytest.raises(SettingsError, match="csserv repair"):
        Users(home).list()
    serving = FileLock(home / "serving.lock")
    serving.try_acquire(shared=True)
    with pytest.raises(TaskLogError, match="stop it first"):
        repair_accounts(home)
    serving.close()
    assert run.invoke(main, ["repair", "--yes"]).exit_code == 0
    assert Users(home).check("root", "password of root")
    again = run.invoke(main, ["repair"])
    assert (again.exit_code, "nothing to repair" in again.output) == (0, True)
