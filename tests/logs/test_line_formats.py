"""A record is one line, whatever stands in it."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.logs import event
from csserv.logs.line_formats import FORMATS, MARGIN, JsonFormat, TextFormat

#: all that ends a line somewhere, steers a terminal, or is no text at all
NASTY = st.text(
    st.sampled_from("ab \n\r\t\v\f\x00\x1b\x1c\x85\u2028\u2029\ud800\udfff\"'=\\é語")
    | st.characters()
)


def record_of(name: str, **fields: object) -> logging.LogRecord:
    """The record that an event makes."""
    found: list[logging.LogRecord] = []
    logger = logging.Logger("csserv.test")
    logger.addFilter(lambda record: not found.append(record))
    event(logger, name, **fields)
    return found[0]


@pytest.mark.parametrize("form", FORMATS)
@given(said=NASTY, value=NASTY)
def test_no_text_of_others_breaks_a_line(form: str, said: str, value: str):
    for record in (
        record_of(said, zone=value),
        logging.LogRecord("csserv", logging.INFO, "", 0, "%s", (said,), None),
    ):
        line = FORMATS[form]("server").format(record)
        assert len(line.splitlines()) == 1
        assert line.isprintable()
        line.encode()


@given(value=NASTY)
def test_fields_of_json_are_read_back_as_they_were(value: str):
    plain = json.loads(JsonFormat("server").format(record_of("task ended", zone=value or "-")))
    assert plain["fields"] == {"zone": value or "-"}
    assert (plain["event"], plain["level"], plain["process"]) == ("task ended", "INFO", "server")
    moment = datetime.fromisoformat(plain["time"])
    assert moment.tzinfo == UTC


def test_lines_of_a_traceback_cannot_be_taken_for_lines_of_the_log():
    try:
        raise ValueError("a file called\n2026-01-01T00:00:00.000Z INFO server csserv: all is well")
    except ValueError:
        info = sys.exc_info()
    record = logging.LogRecord("csserv", logging.ERROR, "", 0, "it broke", (), info)
    first, *others = TextFormat("runner").format(record).split("\n")
    assert first.endswith(" ERROR runner csserv: it broke")
    assert len(others) > 2
    assert all(line.startswith(MARGIN) for line in others)
    assert "all is well" in json.loads(JsonFormat("runner").format(record))["exception"]


def test_fields_of_text_are_quoted_where_they_have_blanks():
    line = TextFormat("runner").format(record_of("task ended", seconds=1.5, error="it is gone"))
    assert line.endswith(' csserv.test: task ended seconds=1.5 error="it is gone"')


def test_fields_without_a_value_are_left_out():
    assert "zone" not in TextFormat("runner").format(record_of("task ended", zone=None, of=""))
