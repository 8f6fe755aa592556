"""Names on the command line are understood as people write them."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from csserv import Settings
from csserv.cli import main


def call(settings: Settings, *words: str) -> Result:
    known = {"HOME": settings.home, "DATA": settings.data, "CATALOG": settings.catalog}
    own = {f"CSSERV_{name}": str(value) for name, value in known.items() if value}
    return CliRunner(env=own).invoke(main, words)


def test_names_are_understood_in_any_case(settings: Settings):
    box = ["--box", "22", "-2", "26", "2", "--period", "2019-01"]
    plain, shouted = (
        call(settings, "estimate", *words, *box, "--json").output
        for words in (
            ("rain", "mean", "--time-step", "monthly", "--weighting", "centre"),
            ("RAIN", "Mean", "--time-step", "MONTHLY", "--weighting", "Centre"),
        )
    )
    facts = [json.loads(one) for one in (plain, shouted)]
    assert facts[0]["zones"] == 1
    # only how long it is thought to take may differ
    assert [one | {"seconds": 0} for one in facts[:1]] == [facts[1] | {"seconds": 0}]


def test_indices_and_layers_are_found_in_any_case(settings: Settings):
    for words in (("indices", "SPI"), ("layers", "Country", "--search", "ken")):
        plain = call(settings, *(word.lower() for word in words))
        assert (plain.exit_code, call(settings, *words).output) == (0, plain.output)


def test_two_numbers_for_an_area_are_taken_for_a_point(settings: Settings):
    for given in ("36.8,-1.3", "36.8 -1.3", "36.8; -1.3"):
        said = call(settings, "estimate", "rain", "mean", "--area", given)
        assert said.exit_code == 2
        assert "for a point write --point 36.8 -1.3" in said.output


def test_an_empty_period_is_not_all_that_there_is(settings: Settings):
    box = ["--box", "22", "-2", "26", "2"]
    assert call(settings, "estimate", "rain", "mean", *box).exit_code == 0
    said = call(settings, "estimate", "rain", "mean", *box, "--period", "")
    assert (said.exit_code, said.output) == (
        1,
        "Error: '' is no period; write 2019, 2019-03 or 2019-01-01/2019-12-31\n",
    )


def test_the_version_has_a_short_option():
    short, long = (CliRunner().invoke(main, [word]).output for word in ("-V", "--version"))
    assert short == long
    assert "version" in short
