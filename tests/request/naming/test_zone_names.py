"""Zones are called by the deepest names that differ from zone to zone, in every known fashion."""

from __future__ import annotations

import pytest

from csserv.errors import InvalidAreaError
from csserv.request.naming.zone_names import label_zones

PLACES = ("Alpha", "Beta")
KENYA, BARINGO = ("Kenya", "Kenya"), ("Baringo", "Baringo")


@pytest.mark.parametrize(
    "field",
    [
        *(
            "NAME_1",
            "NAME_2",
            "shapeName",
            "ADM2_EN",
            "ADM2_FR",
            "ADM2_AR",
            "adm2_name",
            "ADM2_REF",
        ),
        *("admin2Name", "admin2Name_en", "COUNTY", "District", "DIST_NAME", "COUNTY_NAM", "Ward"),
        *(
            "name",
            "NAME",
            "Nom",
            "Nombre",
            "name_en",
            "NAME_ENGLI",
            "name:fr",
            "اسم",
            "ስም",
            "Station",
        ),
    ],
)
def test_field_of_names_is_found_alone(field: str):
    found = label_zones({"OBJECTID": (1, 2), field: PLACES, "Shape_Area": (0.5, 0.7)})
    assert (found.name_field, found.names) == (field, PLACES)


@pytest.mark.parametrize(
    ("fields", "name", "identity"),
    [
        (  # GADM
            {
                "GID_0": ("KEN", "KEN"),
                "COUNTRY": KENYA,
                "GID_1": ("KEN.1_1", "KEN.1_1"),
                "NAME_1": BARINGO,
                "GID_2": ("KEN.1.1_1", "KEN.1.2_1"),
                "NAME_2": PLACES,
                "TYPE_2": ("Constituency", "Constituency"),
            },
            "NAME_2",
            "GID_2",
        ),
        (  # OCHA, third level
            {
                "ADM3_EN": PLACES,
                "ADM3_PCODE": ("KE1", "KE2"),
                "ADM2_EN": ("B1", "B2"),
                "ADM2_PCODE": ("K1", "K2"),
                "ADM0_EN": KENYA,
            },
            "ADM3_EN",
            "ADM3_PCODE",
        ),
        (  # OCHA, first level, in a file that has room for the second
            {"ADM1_EN": PLACES, "ADM1_PCODE": ("KE1", "KE2"), "ADM2_EN": ("", None)},
            "ADM1_EN",
            "ADM1_PCODE",
        ),
        ({"ADM2_AR": ("أ", "ب"), "ADM2_EN": PLACES, "ADM2_REF": PLACES}, "ADM2_EN", ""),
        (
            {"shapeName": PLACES, "shapeID": ("a", "b"), "shapeGroup": ("KEN", "KEN")},
            "shapeName",
            "shapeID",
        ),
        (  # Natural Earth
            {"admin": KENYA, "name": PLACES, "name_en": PLACES, "iso_3166_2": ("KE-1", "KE-2")},
            "name",
            "iso_3166_2",
        ),
        ({"name": KENYA, "NAME_1": PLACES}, "NAME_1", ""),
        ({"COUNTY": BARINGO, "SUBCOUNTY": PLACES}, "SUBCOUNTY", ""),
        ({"id": ("x", "x"), "name": PLACES}, "name", ""),  # no ids: they repeat
        ({"area_ha": (1.0, 2.0), "people": ("12", "15")}, "people", ""),
        ({"area_ha": (1.0, 2.0)}, "", ""),
        ({"fill": ("#f00", "#0f0"), "stroke": ("#000", "#00f")}, "", ""),
    ],
)
def test_deepest_names_that_differ_count(
    fields: dict[str, tuple[object, ...]], name: str, identity: str
):
    found = label_zones(fields)
    assert (found.name_field, found.id_field) == (name, identity)
    backwards = label_zones(dict(reversed(fields.items())))
    assert (backwards.name_field, backwards.id_field) == (name, identity)


def test_one_zone_is_named_by_its_deepest_level():
    found = label_zones({"ADM0_EN": ("Kenya",), "ADM1_EN": ("Baringo",), "ADM1_PCODE": ("KE30",)})
    assert (found.names, found.ids) == (("Baringo",), ("KE30",))


def test_numbers_are_ids_without_a_fraction():
    found = label_zones({"name": PLACES, "code": (101.0, 102.0)})
    assert found.ids == ("101", "102")


def test_fields_may_be_chosen_in_any_case():
    found = label_zones(
        {"NAME_2": PLACES, "Local": ("a", "b"), "HASC": ("x", "y")}, "local", "hasc"
    )
    assert (found.names, found.ids) == (("a", "b"), ("x", "y"))


@pytest.mark.parametrize(
    ("name", "identity", "said"),
    [
        ("nme", "", "there is no field 'nme'; there are name"),
        ("", "group", "two zones have the group 'G', which is to be their id"),
        ("", "gap", "1 zones have no gap, which is to be their id"),
    ],
)
def test_wrong_choice_is_told(name: str, identity: str, said: str):
    fields = {"name": PLACES, "group": ("G", "G"), "gap": ("g", None)}
    with pytest.raises(InvalidAreaError, match=said):
        label_zones(fields, name, identity)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (
            {"LZNAMEEN": ["Lake", "Coast"], "LZCODE": ["a", "b"], "COUNTRY": ["KE", "KE"]},
            "LZNAMEEN",
        ),
        ({"district": ["A", "A"], "station name": ["x", "y"]}, "station name"),
        ({"region": ["A", "A", "B"], "village": ["x", "y", "z"]}, "village"),
        ({"Distrito": ["A", "A"], "Estação": ["Um", "Dois"]}, "Estação"),
        ({"COUNTY_NAM": ["A", "A", "B"], "CONSTITUEN": ["N", "S", "E"]}, "CONSTITUEN"),
        ({"region": ["A", "A"], "station_id": ["ST1", "ST2"]}, "region"),
        (
            {"NAME_2": ["C", "C", "W"], "VARNAME_2": ["p", "q", "r"], "HASC_2": ["a", "b", "c"]},
            "NAME_2",
        ),
        ({"ADM2_EN": ["C", "C", "W"], "ADM2_PCODE": ["KE1", "KE2", "KE3"]}, "ADM2_EN"),
    ],
)
def test_a_name_that_zones_share_gives_way_to_one_of_their_own(
    fields: dict[str, list[object]], wanted: str
):
    assert label_zones(fields).name_field == wanted


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"Name": ["1", "2"], "ADM2_EN": ["D0", "D1"], "ADM2_PCODE": ["K0", "K1"]}, "ADM2_EN"),
        ({"name": [1, 2], "label": ["Voi", "Lamu"]}, "label"),
        ({"name": [101, 102], "NAME_1": ["North", "North"]}, "name"),
        ({"name": ["1", "2"], "colour": ["red", "blue"]}, "name"),
        ({"name": ["1", "Voi"], "ADM2_EN": ["D0", "D1"]}, "name"),
        ({"name": ["1", "2"], "ADM2_EN": ["D0", None]}, "name"),
    ],
)
def test_numbers_give_way_to_names_that_tell_zones_apart(
    fields: dict[str, list[object]], wanted: str
):
    assert label_zones(fields).name_field == wanted


def test_pages_of_the_web_are_no_names():
    pages = ["<table><tr><td>Voi</td></tr></table>", "<table><tr><td>Lamu</td></tr></table>"]
    assert label_zones({"description": pages}).name_field == ""
    assert label_zones({"description": pages, "popup": ["Voi", "Lamu"]}).name_field == "popup"
    assert label_zones({"description": pages}, "description").name_field == "description"


def test_zero_is_a_name():
    assert label_zones({"name": [0, 1, None, False]}).names == ("0", "1", "", "")


def numbered(letter: str) -> tuple[str, ...]:
    return tuple(f"{letter}{i}" for i in range(1, 4))


@pytest.mark.parametrize(
    ("upper", "wanted"),
    [
        ({"DISTRICT": "Gulu", "SUBCOUNTY": "x"}, "PARISH"),
        ({"Province": "East", "District": "x"}, "Sector"),
        ({"State": "Kano"}, "LGA"),
        ({"State": "Kano", "Ward": None}, "LGA"),
        ({"State": "Kano", "Ward": "W"}, "LGA"),
        ({"State": "Kano", "Ward": "N/A"}, "LGA"),
        ({"REGION": "Tahoua"}, "DISTRICT_N"),
        ({"REGION": "Tahoua"}, "DISTRICT_NA"),
        ({"PROVINCE": "Kivu"}, "district_n"),
        ({"PROVINCE": "Tete"}, "municipali"),
        ({"STATE": "Dosso", "DISTRICT": "Gaya"}, "SUBDIST"),
        ({"STATE": "Kassala"}, "LOCALITY"),
        ({"District": "Zomba"}, "GVH"),
        ({"Region": "Dhaka", "Upazila": "Savar"}, "Union"),
        ({"Provincia": "Luanda", "Municipio": "Belas"}, "Bairro"),
        ({"Province": "Ituri", "Territoire": "Djugu"}, "Secteur"),
        ({"country_name": "Kenya"}, "farmer"),
        ({"Country": "Kenya"}, "Catchment"),
        ({"county": "Kwale"}, "school"),
        ({"Région": "Dakar"}, "Département"),
    ],
)
def test_name_that_all_zones_share_never_counts_where_they_have_another(
    upper: dict[str, str | None], wanted: str
):
    fields = {field: (value,) * 3 for field, value in upper.items()} | {wanted: numbered("Z")}
    for given in (fields, dict(reversed(fields.items()))):
        assert label_zones(given).name_field == wanted


def test_name_of_a_field_of_unknown_meaning_is_told_with_the_others():
    found = label_zones({"country": ("Kenya",) * 3, "farmer": numbered("F"), "Plot": numbered("P")})
    assert found.doubt == (
        "all zones have the same country, so that farmer names them; other fields that differ: "
        "Plot (name_field)"
    )
    chosen = label_zones({"country": ("Kenya",) * 3, "farmer": numbered("F")}, "country")
    assert (chosen.name_field, chosen.doubt) == ("country", "")


@pytest.mark.parametrize(
    "texts",
    [
        ("KE001", "KE002", "KE003"),
        ("1,200", "1,300", "7"),
        ("2019-01-01", "2019-01-02", "2019-01-03T00:00"),
        ("<b>A</b>", "see <a href='x'>B</a>", "<p>C"),
        ("https://a.org", "https://b.org", "www.c.org"),
        ("#ff0000", "#00ff00", "#0f0"),
        ("long " * 30, "longer " * 30, "longest " * 30),
    ],
)
def test_codes_numbers_dates_and_pages_are_no_names(texts: tuple[str, ...]):
    found = label_zones({"country": ("Kenya",) * 3, "more": texts})
    assert found.name_field == "country"
    assert found.doubt == (
        "all 3 zones have the same name, that of country; other fields that differ: more "
        "(name_field)"
    )


def test_names_of_which_one_looks_like_html_are_names():
    fields = {"name": ("<b>A</b>", "B"), "description": ("<p>one", "<p>two"), "code": ("1", "2")}
    assert label_zones(fields).names == ("<b>A</b>", "B")


@pytest.mark.parametrize("nothing", ["n.a.", "N/A", "NA", "None", "null", "-", ""])
def test_text_that_stands_for_no_name_is_none(nothing: str):
    fields = {
        "NAME_1": ("A", "A", "A"),
        "NAME_2": ("B", "C", "C"),
        "NAME_3": (nothing,) * 3,
        "GID_2": ("KEN.1", "KEN.2", "KEN.2"),
        "GID_3": ("KEN.1.1_1", "KEN.2.1_1", "KEN.2.2_1"),
    }
    found = label_zones(fields)
    assert (found.name_field, found.id_field) == ("NAME_2", "GID_3")
    mostly = label_zones(fields | {"NAME_3": (nothing, "D", "E")})
    assert (mostly.name_field, mostly.names) == ("NAME_3", (nothing, "D", "E"))


def test_ids_are_of_the_deepest_level_that_has_one_each():
    fields = {"NAME_2": PLACES, "GID_2": ("a", "b"), "GID_3": ("c", "d")}
    assert label_zones(fields).id_field == "GID_3"
    assert label_zones(fields | {"GID_3": ("c", "c")}).id_field == "GID_2"


def test_wards_of_few_names_give_way_to_districts_of_their_own():
    fields = {"Ward": ("W", "W", "X"), "LGA": numbered("L"), "State": ("Kano",) * 3}
    assert label_zones(fields).name_field == "LGA"


def test_stations_are_called_by_their_own_names_though_each_has_another_district():
    fields = {"district": PLACES, "Station": ("One", "Two")}
    assert label_zones(fields).name_field == "Station"


def test_zones_of_which_some_have_no_name_are_not_all_of_one_name():
    assert label_zones({"name": ["Voi", ""]}).doubt == ""
    assert label_zones({"name": ["Voi", "Voi"]}).doubt == (
        "all 2 zones have the same name, that of name"
    )
