"""Who may log in: users and their passwords, and the keys that sign their logins."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from csserv.access import Caller, Role, Users, users
from csserv.access.keys import KEY_NAMES, read_keys
from csserv.access.users import caller_of
from csserv.cli import main
from csserv.errors import InvalidRequestError, SettingsError


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "COST", {"n": 2**10, "r": 8, "p": 1})


@pytest.mark.slow
def test_only_the_right_password_finds_its_user(tmp_path: Path):
    known = Users(tmp_path)
    known.add("anna", Role.SUBMITTER, "right-password")
    known.add("oona", Role.READER, None)
    found = known.check("anna", "right-password")
    assert found is not None
    assert caller_of(found) == Caller("anna", Role.SUBMITTER)
    for wrong in ("", "right-passwor", "Right-password", "right-password ", "\ud800", "x" * 2000):
        assert known.check("anna", wrong) is None
    for name in ("", "ann", "Anna", "oona", "nobody"):
        assert known.check(name, "right-password") is None


def test_file_holds_no_password_and_no_hash_twice(tmp_path: Path):
    known = Users(tmp_path)
    for name in ("anna", "ben"):
        known.add(name, Role.READER, "same-password")
    path = tmp_path / "users.json"
    assert "same-password" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    anna, ben = known.list()
    assert anna.password != ben.password


def test_another_password_ends_logins_and_a_removed_user_is_gone(tmp_path: Path):
    server, other = Users(tmp_path), Users(tmp_path)
    server.add("anna", Role.READER, "right-password")
    before = server.list()[0].security_stamp
    other.set_password("anna", "another-password")
    assert server.list()[0].security_stamp != before
    assert server.check("anna", "right-password") is None
    assert server.check("anna", "another-password")
    other.remove("anna")
    assert server.check("anna", "another-password") is None


def test_what_can_be_no_user_is_refused(tmp_path: Path):
    known = Users(tmp_path)
    known.add("anna", Role.READER, "right-password")
    with pytest.raises(InvalidRequestError, match="a user 'anna' already"):
        known.add("anna", Role.ADMIN, "right-password")
    with pytest.raises(InvalidRequestError, match="has 5 letters; give 8"):
        known.add("ben", Role.READER, "short")
    with pytest.raises(InvalidRequestError, match="no name of a user"):
        known.add("a\nb", Role.READER, "right-password")
    for act in (lambda: known.remove("ana"), lambda: known.set_password("ana", "right-password")):
        with pytest.raises(InvalidRequestError, match="did you mean anna"):
            act()


@pytest.mark.parametrize("text", ["", "[]", '{"users": [{"name": "a"}]}', '{"users": 5}'])
def test_broken_file_lets_nobody_in(tmp_path: Path, text: str):
    (tmp_path / "users.json").write_text(text)
    with pytest.raises(SettingsError, match=r"users\.json cannot be read"):
        Users(tmp_path).check("anna", "right-password")


def test_keys_are_made_once_and_kept_private(tmp_path: Path):
    keys = read_keys(tmp_path / "new")
    assert read_keys(tmp_path / "new") == keys
    assert len(set(keys.values())) == len(KEY_NAMES)
    path = tmp_path / "new" / "keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("nonsense")
    with pytest.raises(SettingsError, match=r"keys\.json"):
        read_keys(tmp_path / "new")


def test_users_on_the_command_line(tmp_path: Path):
    def call(*words: str, given: str = "") -> Result:
        runner = CliRunner(env={"CSSERV_HOME": str(tmp_path)})
        return runner.invoke(main, ["users", *words], input=given)

    asked = call("add", "anna", "--role", "admin", given="right-password\nright-password\n")
    assert asked.exit_code == 0
    assert "right-password" not in asked.output
    differing = call("add", "ben", "--role", "admin", given="right-password\nother-password\n")
    assert differing.exit_code == 1
    assert (
        call("add", "ben", "--role", "reader", "--password-stdin", given="ben-password").output
        == ""
    )
    assert call("add", "oona", "--role", "reader", "--no-password").exit_code == 0
    assert call("passwd", "anna", "--password-stdin", given="new-password\n").exit_code == 0
    listed = [
        (one["name"], one["role"], one["login"])
        for one in json.loads(call("list", "--json").output)
    ]
    assert listed == [
        ("anna", "admin", "basic"),
        ("ben", "reader", "basic"),
        ("oona", "reader", "oauth"),
    ]
    assert Users(tmp_path).check("anna", "new-password")
    assert Users(tmp_path).check("ben", "ben-password")
    assert call("remove", "ben").exit_code == 0
    gone = call("remove", "ben")
    assert (gone.exit_code, "no user 'ben'" in gone.stderr) == (1, True)
