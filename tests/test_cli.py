"""What the command line says and how it exits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from csserv import Service, Settings
from csserv.cli import main

BOX = ["--box", "30", "0", "32", "2"]
RAIN = ["submit", "rain", "mean", *BOX, "--period", "2019-01"]


def call(settings: Settings, *words: str) -> Result:
    own = {
        "CSSERV_HOME": str(settings.home),
        "CSSERV_DATA": str(settings.data),
        "CSSERV_CATALOG": str(settings.catalog) if settings.catalog else None,
    }
    return CliRunner(env=own).invoke(main, words)


def ids(found: Result) -> list[str]:
    return [one["id"] for one in json.loads(found.stdout)]


def test_tasks_are_paged_and_filtered(settings: Settings):
    names = [call(settings, *RAIN, "--client", f"c{i % 2}").stdout.strip() for i in range(5)]
    call(settings, "cancel", names[0])
    first = call(settings, "tasks", "--json", "--count", "2")
    assert ids(first) == names[:-3:-1]
    assert "more: --page 2" in first.stderr
    last = call(settings, "tasks", "--json", "--count", "2", "--page", "3")
    assert ids(last) == names[:1]
    assert "more" not in last.stderr
    assert ids(call(settings, "tasks", "--json", "--client", "c1")) == [names[3], names[1]]
    assert ids(call(settings, "tasks", "--json", "--state", "cancelled")) == names[:1]
    assert ids(call(settings, "tasks", "--json", "--dataset", "chirps")) == []
    assert ids(call(settings, "tasks", "--json", "--since", "2999-01-01")) == []
    assert len(ids(call(settings, "tasks", "--json", "--since", "2019-01-01"))) == 5


def test_one_file_is_counted_in_the_singular(settings: Settings, tmp_path: Path):
    call(settings, *RAIN)
    said = call(settings, "backup", str(tmp_path / "saved"))
    assert f"{tmp_path / 'saved'}: 1 task, " in said.stdout
    files = call(settings, "datasets", "rain").stdout
    assert re.search(r"on disk +\d+ files?, ", files)
    assert not re.search(r"\b1 (files|steps|tasks)\b", said.stdout + files)


def test_what_has_no_result_yet_is_not_waited_for(settings: Settings):
    task = call(settings, *RAIN).stdout.strip()
    for words in (("result",), ("explain", "2019-01-03"), ("verify",), ("moved",), ("report",)):
        said = call(settings, words[0], task, *words[1:])
        assert (said.exit_code, said.stdout) == (1, "")
        assert f"task {task} is queued (0%); no result yet" in said.stderr


def test_a_request_without_a_period_is_of_all_days_that_there_are(settings: Settings):
    name = call(settings, "submit", "rain", "mean", *BOX).stdout.strip()
    with Service(settings, starts_runner=False) as service:
        first, last = service.extent("rain")
        assert service.task(name).request.period == f"{first}/{last}"
    assert call(settings, "estimate", "rain", "mean", *BOX).exit_code == 0
    assert "unknown dataset 'rian'" in call(settings, "submit", "rian", "mean", *BOX).stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["tasks", "--since", "yesterday"], 1, "'yesterday' is no moment"),
        (["tasks", "--state", "done"], 2, "'done' is not one of 'queued'"),
        ([*RAIN, "--priority", "11"], 1, "priority 11 is outside -10 to 10"),
        ([*RAIN, "--uuid", "mine"], 1, "'mine' is no UUID"),
        (["result", str(uuid4())], 1, "no task"),
        (["workers"], 1, "no scheduler is set, and no runner works in"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(
    settings: Settings, words: list[str], code: int, said: str
):
    found = call(settings, *words)
    assert (found.exit_code, said in found.stderr) == (code, True), found.stderr
    assert "Traceback" not in found.stderr


def test_same_uuid_again_changes_nothing_and_another_request_is_refused(settings: Settings):
    name = str(uuid4())
    for _ in range(2):
        assert call(settings, *RAIN, "--uuid", name).stdout.strip() == name
    with Service(settings, starts_runner=False) as service:
        assert len(service.tasks()) == 1
    other = ["submit", "rain", "max", *BOX, "--period", "2019-01", "--uuid", name]
    assert "another request" in call(settings, *other).stderr


def test_home_that_cannot_be_made_is_told(settings: Settings, tmp_path: Path):
    (tmp_path / "file").write_text("")
    wrong = settings.model_copy(update={"home": tmp_path / "file" / "home"})
    found = call(wrong, *RAIN)
    assert found.exit_code == 1
    assert f"cannot write {tmp_path / 'file' / 'home'}" in found.stderr
