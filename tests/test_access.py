"""Who may do what: roles, tokens, and how often one may ask."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from csserv.access import (
    Caller,
    FailedLoginDelay,
    RateLimit,
    Role,
    Tokens,
    check_allowed,
    rate_limits,
)
from csserv.cli import main
from csserv.errors import (
    AccessDeniedError,
    InvalidRequestError,
    SettingsError,
    TooManyRequestsError,
)


class Hands:
    """A clock whose hands are moved [s]."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_each_role_covers_those_before_it():
    order = [Role.READER, Role.SUBMITTER, Role.ADMIN]
    covered = [[one.covers(other) for other in order] for one in order]
    assert covered == [[True, False, False], [True, True, False], [True, True, True]]


def test_denial_says_what_role_is_needed_and_which_one_has():
    check_allowed(Caller("eve", Role.ADMIN), Role.SUBMITTER)
    with pytest.raises(AccessDeniedError, match="role submitter or higher; eve is reader"):
        check_allowed(Caller("eve", Role.READER), Role.SUBMITTER)
    with pytest.raises(AccessDeniedError, match="token of role reader"):
        check_allowed(None, Role.READER)


def test_token_finds_its_owner_and_nothing_else_does(tmp_path: Path):
    tokens = Tokens(tmp_path)
    secret = tokens.add("anna", Role.SUBMITTER)
    assert tokens.find(secret) == Caller("anna", Role.SUBMITTER)
    for wrong in ("", "anna", secret[:-1], secret + "x", secret.upper(), "\ud800", "ä" * 100_000):
        assert tokens.find(wrong) is None
    assert tokens.find(tokens.list()[0].sha256) is None


def test_file_holds_no_token_and_is_read_by_its_owner_only(tmp_path: Path):
    secret = Tokens(tmp_path / "new").add("anna", Role.READER)
    path = tmp_path / "new" / "tokens.json"
    assert secret not in path.read_text()
    assert secret[-4:] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_revoked_token_stops_working_at_once_in_another_reader(tmp_path: Path):
    server = Tokens(tmp_path)
    assert server.find("x") is None
    secret = Tokens(tmp_path).add("anna", Role.READER)
    other = Tokens(tmp_path).add("ben", Role.ADMIN)
    assert server.find(secret)
    Tokens(tmp_path).revoke("anna")
    assert server.find(secret) is None
    assert server.find(other) == Caller("ben", Role.ADMIN)


def test_two_tokens_have_two_names(tmp_path: Path):
    tokens = Tokens(tmp_path)
    tokens.add("anna", Role.READER)
    with pytest.raises(InvalidRequestError, match="'anna' already"):
        tokens.add("anna", Role.ADMIN)
    with pytest.raises(InvalidRequestError, match="did you mean anna"):
        tokens.revoke("ana")
    for name in ("", "  ", "a\nb", "x" * 101):
        with pytest.raises(InvalidRequestError, match="no name"):
            tokens.add(name, Role.READER)


def test_tokens_added_at_once_are_all_kept(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: Tokens(tmp_path).add(f"n{i}", Role.READER), range(20)))
    assert {one.name for one in Tokens(tmp_path).list()} == {f"n{i}" for i in range(20)}


@pytest.mark.parametrize("text", ["", "[]", '{"tokens": [{"name": "a"}]}', '{"tokens": 5}'])
def test_broken_file_lets_nobody_in(tmp_path: Path, text: str):
    (tmp_path / "tokens.json").write_text(text)
    with pytest.raises(SettingsError, match=r"tokens\.json cannot be read"):
        Tokens(tmp_path).find("x")


def test_bucket_empties_and_fills_again_for_each_client():
    clock = Hands()
    limit = RateLimit(per_second=2, burst=3, clock=clock)
    for _ in range(3):
        limit.check("a")
    with pytest.raises(TooManyRequestsError, match="more than 2 requests a second") as caught:
        limit.check("a")
    assert caught.value.retry_after == pytest.approx(0.5)
    limit.check("b")
    clock.now += 0.5
    limit.check("a")
    with pytest.raises(TooManyRequestsError):
        limit.check("a")


def test_over_a_long_time_the_rate_is_kept():
    clock = Hands()
    limit = RateLimit(per_second=5, burst=10, clock=clock)
    passed = 0
    for _ in range(1000):  # 10 seconds, 100 requests a second
        clock.now += 0.01
        try:
            limit.check("a")
        except TooManyRequestsError:
            continue
        passed += 1
    assert passed == pytest.approx(10 + 5 * 10, abs=1)


def test_threads_get_no_more_than_the_bucket_holds():
    limit = RateLimit(per_second=1, burst=50, clock=Hands())

    def ask(_: int) -> bool:
        try:
            limit.check("a")
        except TooManyRequestsError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(400))) == 50


def test_many_clients_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rate_limits, "MOST_REMEMBERED", 100)
    clock = Hands()
    limit, slow = RateLimit(1, 1, clock), FailedLoginDelay(clock=clock)
    for i in range(1000):
        limit.check(f"c{i}")
        slow.failed(f"a{i}")
    assert len(limit._buckets) == len(slow._failures) == 100
    clock.now += 2000
    limit.check("late")
    slow.failed("late")
    assert len(limit._buckets) == len(slow._failures) == 1


def test_those_who_wait_in_line_get_the_rate_and_no_more():
    clock = Hands()
    limit = RateLimit(per_second=2, burst=1, clock=clock)
    assert [limit.reserve("a", longest=1.6) for _ in range(4)] == [0, 0.5, 1.0, 1.5]
    assert limit.reserve("a", longest=1.6) == limit.reserve("a", longest=1.6) == 2.0  # not counted
    clock.now += 1
    assert limit.reserve("a", longest=1.6) == 1.0


def test_a_success_takes_one_failure_back_and_forgets_those_of_its_own():
    clock = Hands()
    slow = FailedLoginDelay(free=2, clock=clock)
    for _ in range(3):
        assert slow.delay("a") == 0
        slow.failed("a")
    assert slow.delay("a") == 0.5
    slow.take_back("a")
    assert slow.delay("a") == 0
    for _ in range(3):
        slow.failed("a")
    assert slow.delay("a") == 2
    slow.forget("a")
    slow.failed("a")
    assert slow.delay("a") == 0


def test_each_wrong_password_makes_the_next_wait_longer_up_to_a_bound():
    clock = Hands()
    slow = FailedLoginDelay(clock=clock)
    assert slow.delay("a") == 0
    waits = []
    for _ in range(2000):
        slow.failed("a")
        waits.append(slow.delay("a"))
    assert waits[:4] == [0.5, 1, 2, 4]
    assert max(waits) == waits[-1] == rate_limits.LONGEST_DELAY
    assert slow.delay("b") == 0
    clock.now += 29
    assert slow.delay("a") == 1
    clock.now += 1
    assert slow.delay("a") == 0


def test_tokens_on_the_command_line(tmp_path: Path):
    def call(*words: str):
        return CliRunner(env={"CSSERV_HOME": str(tmp_path)}).invoke(main, ["tokens", *words])

    secret = call("add", "anna", "--role", "submitter").stdout.strip()
    assert Tokens(tmp_path).find(secret) == Caller("anna", Role.SUBMITTER)
    listed = json.loads(call("list", "--json").stdout)
    assert [(one["name"], one["role"]) for one in listed] == [("anna", "submitter")]
    assert "anna" in call("list").stdout
    assert call("add", "ben", "--role", "king").exit_code == 2
    assert call("revoke", "anna").exit_code == 0
    gone = call("revoke", "anna")
    assert (gone.exit_code, "no token 'anna'" in gone.stderr) == (1, True)
    assert json.loads(call("list", "--json").stdout) == []
