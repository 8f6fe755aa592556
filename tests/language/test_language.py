from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

from csserv.errors import SettingsError
from csserv.http.pages.login_page import form
from csserv.language import (
    ENGLISH,
    VARIABLE,
    Language,
    browser_texts,
    chosen_language,
    current_language,
    from_to,
    known_languages,
    local_date,
    local_number,
    month_names,
    speaking,
    tr,
    trn,
)
from csserv.outputs.words.rank_words import RAIN, Counts, rank_in_words
from csserv.outputs.words.span_words import span_in_words
from csserv.settings import read_settings
from csserv.views.charts.kind_figure import kind_figure
from csserv.views.parts.theme import colours

FRENCH, ARABIC = Language.of("fr"), Language.of("ar")


@pytest.mark.parametrize(
    ("address", "kept", "accepted", "default", "found"),
    [
        ("ar", "fr", "es", "pt", "ar"),
        ("xx", "fr", "es", "pt", "fr"),
        ("", "", "de, es;q=0.5, pt-BR;q=0.7", "fr", "pt"),
        ("", "", "de", "fr", "fr"),
        ("", "", "es;q=0, sw;q=nonsense", "xx", "en"),
        ("../../etc/passwd", "\0", "," * 10_000, "en", "en"),
    ],
)
def test_the_address_counts_before_a_kept_choice_before_the_browser_before_the_settings(
    address: str, kept: str, accepted: str, default: str, found: str
):
    assert chosen_language(address, kept, accepted, default).code == found


def test_what_is_spoken_in_one_thread_is_not_in_others():
    def other() -> Language:
        return current_language()

    with speaking(FRENCH), ThreadPoolExecutor(1) as pool:
        assert pool.submit(other).result() == ENGLISH
        assert current_language() == FRENCH
    assert current_language() == ENGLISH


def test_the_language_comes_back_after_an_error():
    def fail() -> None:
        with speaking(FRENCH):
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert current_language() == ENGLISH


def test_a_text_that_no_catalog_has_stays_as_it_is():
    with speaking(FRENCH):
        assert tr("gauge 12 of {dataset}") == "gauge 12 of {dataset}"
        assert tr("") == ""


def test_braces_of_a_value_are_no_names():
    assert tr("by {name}", name="{id}") == "by {id}"


@pytest.mark.parametrize("count", [0, 1, 2, 3, 11, 100, 101, 1_000_000])
@pytest.mark.parametrize("code", sorted(known_languages()))
def test_each_count_has_its_form(code: str, count: int):
    with speaking(known_languages()[code]):
        said = trn("{count} zone", "{count} zones", count, count=count)
    assert said
    assert "{" not in said


def test_numbers_keep_the_digits_that_were_rounded_to():
    with speaking(FRENCH):
        assert local_number("1,234.50") == "1\u202f234,50"
        assert local_number("-0.5") == "-0,5"
        assert local_number("1e+09") == "1e+09"
        assert local_number("no data") == "no data"
    with speaking(ARABIC):
        assert local_number("1,234.50").isascii()


def test_months_and_dates_are_those_of_the_language():
    with speaking(FRENCH):
        assert span_in_words("2021-03-01", "2021-06-01") == "mars-mai 2021"
        assert from_to("2021-03-01/2021-05-31") == "1 mars 2021 \u2013 31 mai 2021"
        assert local_date("2021-02-30") == "2021-02-30"
    with speaking(ARABIC):
        assert local_date("2021-03-01") == "1 مارس 2021"
        assert month_names()[3] == "مارس"
    assert from_to("2021-03-01/2021-05-31") == "2021-03-01 to 2021-05-31"


def test_a_rank_is_said_in_each_language():
    said = {}
    for code, language in known_languages().items():
        with speaking(language):
            years = tr("of {first}-{last}", first=1991, last=2020)
            said[code] = rank_in_words(Counts(8, 1, 21), 30, RAIN, years)
    assert said["en"] == "drier than 21 of 30 years of 1991-2020"
    assert said["fr"] == "plus sec que 21 des 30 années de 1991 à 2020"
    assert said["es"] == "más seco que 21 de los 30 años de 1991 a 2020"
    assert len(set(said.values())) == len(said)
    assert all("21" in text and "30" in text for text in said.values())


def test_a_setting_names_a_language_that_there_is():
    assert read_settings(language="FR-ca").language == "fr"
    with pytest.raises(SettingsError, match="no language 'tlh'; there are en, ar"):
        read_settings(language="tlh")


def test_latin_names_and_negative_numbers_keep_their_order_among_arabic_words():
    with speaking(ARABIC):
        assert tr("by {name}", name="ICPAC (Nairobi)") == "بواسطة \u2068ICPAC (Nairobi)\u2069"
        assert tr("by {name}", name="كينيا") == "بواسطة كينيا"
        assert local_number("-0.5") == "\u200e-0.5"
    with speaking(FRENCH):
        assert tr("by {name}", name="ICPAC") == "par ICPAC"


def test_a_page_speaks_its_own_language_in_whatever_thread_it_is_at_work():
    french, swahili = Document(), Document()
    french.template_variables[VARIABLE] = "fr"
    swahili.template_variables[VARIABLE] = "sw"
    for _ in range(2):
        with set_curdoc(french):
            assert tr("Tasks") == "Tâches"
        with set_curdoc(swahili):
            assert tr("Tasks") == "Kazi"
            with speaking(ARABIC):  # a report that the page has written in another language
                assert tr("Tasks") == "المهام"
    assert tr("Tasks") == "Tasks"


def test_scripts_get_their_texts_alone():
    texts = browser_texts(FRENCH)
    assert texts["Zoom in"] == "Agrandir"
    assert "Step by step" not in texts
    assert browser_texts(ENGLISH) == {}


def test_charts_run_from_the_left_and_their_words_from_the_right():
    """Bokeh 3.9 sets a legend outside the page where that runs from right to left."""
    with speaking(ARABIC):
        chart = kind_figure("anomalies", colours(dark=False), 200, tr("Time (UTC)"), "rain [mm]")
    assert chart.styles["direction"] == "ltr"
    label = chart.xaxis[0].axis_label
    assert label.startswith("\u200f")
    assert label.endswith("(UTC)\u200f")
    english = kind_figure("anomalies", colours(dark=False), 200, tr("Time (UTC)"), "rain [mm]")
    assert (english.styles, english.xaxis[0].axis_label) == ({}, "Time (UTC)")


def test_the_page_to_log_in_speaks_the_language():
    with speaking(ARABIC):
        page = form("", "", "/app")
    assert page.startswith('<!DOCTYPE html><html lang="ar" dir="rtl">')
    assert "<h1>Log in</h1>" not in page
    assert form("", "", "/app").startswith('<!DOCTYPE html><html lang="en"><head>')
