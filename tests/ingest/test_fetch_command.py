from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from csserv.cli import main

from .conftest import Stand
from .troubles import answered, refused

KENYA = ["--box", "34", "-2", "40", "3"]
JANUARY = ["tamsat", "--from", "2024-01-01", "--to", "2024-01-03", *KENYA]


def call(stand: Stand, *words: str, base: str = "") -> Result:
    """Run ``csserv fetch`` as a user does."""
    own = {
        "CSSERV_HOME": str(stand.folder.parent / "home"),
        "CSSERV_DATA": str(stand.folder),
        "CSSERV_PROVIDER_BASE": base or stand.replay.address,
    }
    return CliRunner(env=own).invoke(main, ["fetch", *words])


def test_a_first_fetch_a_second_and_one_of_all(stand: Stand) -> None:
    stand.publish("tamsat", "2024-01-01/2024-01-03")
    dry = call(stand, *JANUARY, "--dry-run")
    assert "3 steps to fetch, 2024-01-01 to 2024-01-03; 0 steps there already; about" in dry.stdout
    assert not stand.folder.exists()
    first = call(stand, *JANUARY)
    assert first.exit_code == 0, first.stderr
    assert re.search(r"tamsat: 3 steps came \([\d.]+ kB\)", first.stdout)
    assert "tamsat: up to date, 3 steps in" in call(stand, "tamsat", *JANUARY[1:]).stdout
    assert "tamsat: up to date, 3 steps in" in call(stand, "--all").stdout


def test_facts_of_a_fetch_are_json(stand: Stand) -> None:
    first, *_ = stand.publish("tamsat", "2024-01-01/2024-01-03")
    stand.replay.troubles[first] = [answered(b"\0")]
    ran = call(stand, *JANUARY, "--json")
    facts = json.loads(ran.stdout)
    assert (facts["steps"], facts["failures"][0]["step"]) == (2, "2024-01-01T00:00:00")
    assert ran.exit_code == 1
    assert "Error: tamsat: 1 step did not come; fetch again later" in ran.stderr


def test_facts_of_what_would_come_are_json(stand: Stand) -> None:
    stand.publish("tamsat", "2024-01-01/2024-01-03", skip=(date(2024, 1, 2),))
    facts = json.loads(call(stand, *JANUARY, "--dry-run", "--json").stdout)
    assert (facts["name"], facts["steps"], facts["kept"]) == ("tamsat", 2, 0)
    assert (facts["first"], facts["last"]) == ("2024-01-01T00:00:00", "2024-01-03T00:00:00")
    assert facts["gaps"] == ["2024-01-02T00:00:00"]
    assert facts["bytes"] > 1000
    call(stand, *JANUARY)
    facts = json.loads(call(stand, *JANUARY, "--dry-run", "--json").stdout)
    assert (facts["steps"], facts["first"], facts["kept"], facts["bytes"]) == (0, None, 2, 0)


def test_a_fetch_that_is_queued_says_that_nobody_runs_it(stand: Stand) -> None:
    ran = call(stand, *JANUARY, "--queue")
    assert ran.exit_code == 0
    assert "tamsat: task " in ran.stdout
    assert "no runner is active; start one with: csserv run" in ran.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tamsta"], "unknown dataset 'tamsta'; did you mean tamsat"),
        (["tamsat", "--from", "2950"], "2950 lies in the future; nobody has data of it"),
        (["tamsat", "--from", "2024-13"], "'2024-13' is no period"),
        (["tamsat", "--from", "2024", "--to", "2023"], "from 2024 to 2023 there are no days"),
        (["tamsat", "--box", "42", "6", "33", "-5"], "give west, south, east, north in degrees"),
        (["tamsat", "--area", "Atlantis"], "no area 'Atlantis' among the countries"),
        (["tamsat", "--stream", "prelim"], "tamsat has no stream 'prelim'; it has final"),
        (["chirts_tmax", "--from", "2024"], "chirts_tmax has the days from 1983-01-01 to 2016-12-"),
        (["chirps", "--to", "1975"], "chirps has the days from 1981-01-01 on, and none of them"),
        (["nmme_precipitation_anomaly"], "cannot be fetched: a file is one forecast and holds"),
        (["--all"], "nothing was fetched here before; begin with one: --list"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence_and_leaves_nothing(
    stand: Stand, words: list[str], told: str
) -> None:
    ran = call(stand, *words)
    assert ran.exit_code == 1
    (line,) = ran.stderr.splitlines()
    assert line.startswith("Error: ")
    assert told in line
    assert not list(stand.folder.rglob("*")) if stand.folder.exists() else True
    assert not stand.replay.asked


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["tamsat", "--all"],
        [*JANUARY, "--area", "Kenya"],
        [*JANUARY, "--dry-run", "--queue"],
        ["--list", "--all"],
        ["--list", "tamsat", "--from", "2024"],
    ],
)
def test_words_that_do_not_go_together_are_wrong_usage(stand: Stand, words: list[str]) -> None:
    ran = call(stand, *words)
    assert ran.exit_code == 2
    assert "give" in ran.stderr
    assert not list(stand.folder.parent.rglob("*"))


def test_the_list_says_what_cannot_be_fetched_and_why(stand: Stand) -> None:
    rows = {row["name"]: row for row in json.loads(call(stand, "--list", "--json").stdout)}
    assert len(rows) == len(stand.table)
    assert "overlap" in rows["nmme_precipitation_anomaly"]["unfit"]
    assert rows["chirps3"]["unfit"] == ""
    assert "unfit" in call(stand, "--list").stdout
    (one,) = json.loads(call(stand, "--list", "tamsat", "--json").stdout)
    assert one == rows["tamsat"]


def test_a_provider_without_anything_is_no_success_in_silence(stand: Stand) -> None:
    stand.publish("tamsat", "2024-01-09")
    ran = call(stand, *JANUARY)
    assert "tamsat: the provider has nothing from 2024-01-01 to 2024-01-03" in ran.stdout


def test_a_box_of_which_nothing_came_may_be_another_one(stand: Stand) -> None:
    stand.publish("tamsat", "2024-01-01/2024-01-03")
    wrong = call(stand, *JANUARY[:5], "--box", "100", "-2", "110", "3")
    assert "lies outside the data" in wrong.stderr
    right = call(stand, *JANUARY)
    assert right.exit_code == 0, right.stderr
    another = call(stand, "tamsat", "--box", "33", "-2", "40", "3")
    assert "begun with the box 34 -2 40 3" in another.stderr


@pytest.mark.parametrize("name", ["0", "chirps"])
def test_a_product_is_known_by_its_number_too(stand: Stand, name: str) -> None:
    (listed,) = json.loads(call(stand, "--list", name, "--json").stdout)
    assert listed["name"] == "chirps"
    queued = call(stand, name, "--from", "2024-01", "--queue")
    assert queued.stdout.startswith("chirps: task "), queued.stderr


def test_one_product_that_cannot_be_queued_does_not_keep_the_others(stand: Stand) -> None:
    for name in ("arc2", "tamsat"):
        stand.publish(name, "2024-01-01")
        assert call(stand, name, *JANUARY[1:]).exit_code == 0
    (stand.archive("arc2").hidden / "wanted.json").write_text("no")
    ran = call(stand, "--all", "--queue")
    assert "tamsat: task " in ran.stdout
    assert "arc2: " in ran.stderr
    assert "arc2 could not be fetched; the others could" in ran.stderr
    assert ran.exit_code == 1


def test_a_stand_in_on_a_port_that_is_taken_says_so(stand: Stand) -> None:
    port = stand.replay.address.rsplit(":", 1)[1].strip("/")
    ran = CliRunner().invoke(main, ["stand-in", "tamsat", "--days", "2024-01-01", "--port", port])
    assert ran.exit_code == 1
    assert f"port {port} cannot be listened on: Address already in use; take another" in ran.stderr


def test_another_box_is_refused_and_says_what_to_do(stand: Stand) -> None:
    stand.publish("tamsat", "2024-01-01/2024-01-03")
    call(stand, *JANUARY)
    ran = call(stand, "tamsat", "--box", "33", "-5", "42", "6")
    assert "this archive was begun with the box 34 -2 40 3" in ran.stderr
    assert "fetch into another data folder (CSSERV_DATA)" in ran.stderr
    assert ran.exit_code == 1


@pytest.mark.slow
def test_data_of_a_provider_are_not_mixed_with_synthetic_ones(stand: Stand) -> None:
    environment = {"CSSERV_DATA": str(stand.folder), "CSSERV_HOME": str(stand.folder / "home")}
    assert CliRunner(env=environment).invoke(main, ["sample-data"]).exit_code == 0
    before = sorted(stand.folder.rglob("*"))
    ran = call(stand, "chirps", "--from", "2024-01")
    assert "by a row of your own" in ran.stderr
    assert "fetch into another data folder (CSSERV_DATA)" in ran.stderr
    assert not stand.replay.asked
    assert sorted(stand.folder.rglob("*")) == before


def test_a_folder_that_cannot_be_written_is_told(stand: Stand, tmp_path: Path) -> None:
    stand.folder.write_text("a file in its place")
    ran = call(stand, *JANUARY)
    assert re.search(
        r"^Error: cannot write into .*/data/.*; CSSERV_DATA says where data lie$",
        ran.stderr.strip(),
    ), ran.stderr
    assert ran.exit_code == 1


@pytest.mark.slow
def test_one_provider_that_is_down_does_not_keep_the_others(stand: Stand) -> None:
    """Also the message where there is no network at all."""
    stand.publish("tamsat", "2024-01-01/2024-01-03")
    stand.publish("arc2", "2024-01-01/2024-01-03")
    call(stand, *JANUARY)
    call(stand, "arc2", *JANUARY[1:])
    bases = {name: stand.products[name].base for name in ("tamsat", "arc2")}
    stand.publish("tamsat", "2024-01-04")
    ran = call(stand, "--all", base=f"arc2=http://127.0.0.1:9/,tamsat={bases['tamsat']}")
    assert "tamsat: 1 step came" in ran.stdout
    assert "arc2: http://127.0.0.1:9/: no connection; is there a network here" in ran.stderr
    assert ran.stderr.splitlines()[-1] == ("Error: arc2 could not be fetched; the others could")
    assert ran.exit_code == 1


def test_a_ban_is_told_once(stand: Stand) -> None:
    for path in stand.publish("tamsat", "2024-01-01/2024-01-03"):
        stand.replay.troubles[path] = [refused(503, {"Retry-After": "7200"})]
    ran = call(stand, *JANUARY)
    assert "asks to come back at 20" in ran.stderr
    assert "Error: tamsat: 1 step did not come, and 2 were not tried" in ran.stderr
    asked = len(stand.replay.asked)
    ran = call(stand, *JANUARY)
    assert "has asked to be left alone; fetch again at 20" in ran.stderr
    assert len(stand.replay.asked) == asked
