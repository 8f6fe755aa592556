"""Countries by the names that people write."""

from __future__ import annotations

import pytest

from csserv.catalog import Layers
from csserv.catalog.country_names import AMBIGUOUS, _names, codes_of
from csserv.errors import InvalidAreaError
from csserv.name_folding import fold_name
from csserv.views.area.place_lookup import place_names

LAYERS = Layers.bundled()

NAMES = {
    "SSD": ("South Sudan", "S. Sudan", "Republic of South Sudan", "SS", "جنوب السودان"),
    "COD": ("DRC", "DR Congo", "RDC", "cd", "Congo, Dem. Rep.", "Congo-Kinshasa"),
    "COG": ("Republic of Congo", "Congo, Rep.", "Congo-Brazzaville", "République du Congo"),
    "CIV": ("Ivory Coast", "Cote d'Ivoire", "Côte d\u2019Ivoire", "Elfenbeinküste"),
    "SWZ": ("Swaziland", "Eswatini", "Kingdom of Eswatini"),
    "MMR": ("Burma", "Myanmar"),
    "CPV": ("Cape Verde", "Cabo Verde"),
    "MKD": ("Macedonia", "North Macedonia"),
    "CZE": ("Czech Republic", "Czechia"),
    "TUR": ("Turkey", "Türkiye", "Republic of Turkey"),
    "DEU": ("Deutschland", "Allemagne", "Федеративная Республика Германия"[-8:], "德国"),
    "EGY": ("مصر", "Egypt, Arab Rep.", "Égypte"),
    "ETH": ("ኢትዮጵያ", "Éthiopie", "Federal Democratic Republic of Ethiopia"),
    "KEN": ("Kenia", "KE", "ke", "Republic of Kenya", "केन्या"),
    "TZA": ("United Republic of Tanzania", "Tanzania, United Republic of"),
    "BOL": ("Bolivia (Plurinational State of)",),
    "GMB": ("The Gambia", "Gambia, The"),
    "GIN": ("Guinea", "Republic of Guinea"),
    "GEO": ("Georgia",),
    "NER": ("Niger", "Republic of the Niger"),
    "LAO": ("Lao PDR",),
    "TLS": ("East Timor", "Timor-Leste"),
    "KSV": ("Kosovo", "XK"),
    "AUT": ("Áo",),
    "AGO": ("AO",),
}


@pytest.mark.parametrize(("code", "names"), NAMES.items(), ids=NAMES)
def test_country_is_found_by_any_of_its_names(code: str, names: tuple[str, ...]):
    assert {LAYERS.find(name).zones[0].id for name in names} == {code}


@pytest.mark.parametrize("text", ["Congo", "Congo/*", "Korea", "Kongo", "Virgin Islands"])
def test_name_of_two_countries_is_refused_with_the_choices(text: str):
    with pytest.raises(InvalidAreaError, match=r"ambiguous among the countries: \w{3} \(.*\), "):
        LAYERS.find(text)


def test_state_of_a_country_is_no_country():
    for text in ("State of Georgia", "Rift Valley", "Turkana"):
        with pytest.raises(InvalidAreaError, match="no area"):
            LAYERS.find(text)


def test_each_country_of_the_layer_has_names_but_the_disputed_areas():
    twos, names = _names()
    ids = {feature.id for feature in LAYERS["country"].features}
    assert set(twos.values()) == ids - {"XDA"}
    assert {code for codes in names.values() for code in codes} == ids - {"XDA"}


def test_table_holds_names_as_they_are_folded_now():
    _, names = _names()
    assert [name for name in names if fold_name(name) != name] == []
    assert set(AMBIGUOUS) <= set(names)


def test_name_of_a_country_in_the_layer_is_that_of_no_other():
    for feature in LAYERS["country"].features:
        if fold_name(feature.name) not in AMBIGUOUS:
            assert set(codes_of(feature.name)) <= {feature.id}


def test_parts_of_a_country_are_found_by_any_of_its_names():
    assert LAYERS.find("KE/Rift Valley").title == "Kenya/Rift Valley"
    assert LAYERS.find("مصر/*").title == "Egypt, each unit"


def test_searches_find_what_the_look_up_finds():
    for text in ("Ivory Coast", "Kenia", "DRC"):
        assert list(LAYERS("country", text)) == [LAYERS.find(text).zones[0].id]
    labels = place_names(LAYERS)
    assert labels["Ivory Coast (Côte d'Ivoire)"] == "CIV"
    assert labels["South Sudan (S. Sudan)"] == "SSD"


def test_names_in_other_scripts_keep_their_letters_beside_digits():
    assert fold_name("منطقة 1") != fold_name("1")
    assert fold_name("Район 5") == fold_name("РАЙОН-5")
    assert fold_name("مِصْر") == fold_name("مصر")
    assert fold_name("Hawai\u02bbi") == "hawaii"


@pytest.mark.parametrize("name", ["Brazzaville", "Somaliland", "Tigray"])
def test_where_a_region_is_said_to_be_it_is_found(name: str):
    layers = Layers.bundled()
    with pytest.raises(InvalidAreaError, match="did you mean") as caught:
        layers.find(name)
    path = str(caught.value).rpartition("did you mean ")[2].rstrip("?")
    assert layers.find(path).zones[0].name == name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("England", "it is a part of the United Kingdom: write GBR"),
        ("Angleterre", "it is a part of the United Kingdom: write GBR"),
        ("Inglaterra/*", "it is a part of the United Kingdom: write GBR"),
        ("Escocia", "it is a part of the United Kingdom: write GBR"),
        ("Guyane", "it is French Guiana, or Guyana: write FRA/Guyane française, or GUY"),
        ("French Guiana", "it is French Guiana, or Guyana"),
        ("Papua", r"write one of PNG \(Papua New Guinea\), IDN-papua"),
        ("Équateur", r"write one of ECU \(Ecuador\), COD-equateur"),
        ("Granada", r"write one of GRD \(Grenada\), ESP-granada, NIC-granada"),
    ],
)
def test_name_of_another_place_is_no_country_without_a_word(text: str, said: str):
    with pytest.raises(InvalidAreaError, match=said):
        LAYERS.find(text)


def test_name_in_another_language_is_told_with_the_country():
    said = "is taken as the country Kenya (KEN)"
    for text in ("Kenia", "केन्या", "Kenia/Rift Valley", "Kenia/*"):
        name = text.partition("/")[0]
        assert f"{name} {said}" in [note.text for note in LAYERS.find(text).notes]
    assert f"Kenia {said}" in [note.text for note in LAYERS.area("country", ["Kenia"]).notes]
    loose = LAYERS.find("Holland").notes
    assert [note.text for note in loose] == ["Holland is taken as the country Netherlands (NLD)"]


@pytest.mark.parametrize(
    "text",
    ["Kenya", "kenya", "KEN", "ke", "DRC", "Ivory Coast", "Cote d'Ivoire", "Burma", "Guyana"],
)
def test_code_and_english_name_go_without_saying(text: str):
    assert LAYERS.find(text).notes == ()
