"""The bundled boundaries and how they are found."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely

from csserv.catalog import Layers
from csserv.catalog.layers import BUNDLED
from csserv.catalog.layers.unit_dates import FORMER
from csserv.errors import AreaTooLargeError, InvalidAreaError, UnknownLayerError
from csserv.notes import LONGEST
from csserv.request.limits import Limits

LAYERS = Layers.bundled()


@pytest.mark.slow
@pytest.mark.parametrize("name", list(LAYERS))
def test_every_shape_is_valid_and_on_the_globe(name: str):
    layer = LAYERS[name]
    shapes = np.array([layer.zone(feature).geometry for feature in layer.features])
    assert shapely.is_valid(shapes).all()
    assert (shapely.area(shapes) > 0).all()
    bounds = shapely.bounds(shapes)
    assert (np.abs(bounds[:, [0, 2]]) <= 180).all()
    assert (np.abs(bounds[:, [1, 3]]) <= 90).all()


def test_boundaries_are_small():
    assert sum(path.stat().st_size for path in BUNDLED.glob("*.gz")) < 6_000_000


@pytest.mark.parametrize("text", ["Kenya", "kenya", "KEN", " ken "])
def test_country_is_found_by_name_and_code(text: str):
    area = LAYERS.find(text)
    assert area.title == "Kenya"
    assert area.zones[0].geometry.contains(shapely.Point(37, 0))


def test_unit_is_found_within_its_country():
    assert LAYERS.find("Kenya/rift valley").zones[0].id == "KEN-rift-valley"
    assert LAYERS.find("KEN-rift-valley").title == "Rift Valley"


def test_accents_do_not_matter():
    assert LAYERS.find("cote d'ivoire").zones[0].id == "CIV"


@pytest.mark.parametrize("text", ["Poland/Łódź", "Poland/Lodz", "poland/LODZ"])
def test_letters_without_a_plain_twin_do_not_matter(text: str):
    assert LAYERS.find(text).zones[0].name == "Łódź"


def test_every_country_is_found_by_its_id_and_name():
    countries = LAYERS["country"]
    for feature in countries.features:
        assert countries.find(feature.id) == feature
        if feature.name != "Congo":  # which may be another country, too
            assert countries.find(feature.name) == feature


def test_search_folds_names_as_the_look_up_does():
    assert {row["id"] for row in LAYERS("country", "cote d'i").rows} == {"CIV"}
    assert LAYERS.find("cote d ivoire").title == LAYERS.find("CIV").title


def test_feature_that_is_named_twice_is_one_zone_and_too_many_are_not_looked_up():
    area = LAYERS.area("country", ["Kenya", "KEN", "kenya", "Uganda"])
    assert [zone.name for zone in area.zones] == ["Kenya", "Uganda"]
    with pytest.raises(AreaTooLargeError, match="the area has 3 zones; at most 2 are allowed"):
        LAYERS.area("country", ["nowhere", "at", "all"], Limits(zones=2))


def test_ambiguous_name_is_refused_with_the_choices():
    with pytest.raises(InvalidAreaError, match=r"ambiguous.*KEN-western.*ZMB-western"):
        LAYERS["admin_1_earth"].find("Western")


def test_country_without_units_says_so():
    with pytest.raises(InvalidAreaError, match="Tokelau has no units"):
        LAYERS.find("Tokelau/*")


def test_units_tile_their_country():
    kenya = LAYERS.find("Kenya").zones[0].geometry
    units = [zone.geometry for zone in LAYERS.find("Kenya/*").zones]
    union = shapely.union_all(units)
    assert sum(unit.area for unit in units) == pytest.approx(union.area, rel=1e-12)
    # measured 2e-6: both layers are simplified, each for itself
    assert kenya.symmetric_difference(union).area / kenya.area < 1e-5


def test_neighbours_share_their_border():
    kenya, uganda = (LAYERS.find(name).zones[0].geometry for name in ("Kenya", "Uganda"))
    assert kenya.intersection(uganda).area < 1e-9
    assert kenya.intersection(uganda).length > 5


@pytest.mark.parametrize("name", ["Fiji", "Russia"])
def test_countries_at_the_antimeridian_are_cut_there(name: str):
    area = LAYERS.find(name)
    assert area.bounds[0] == -180
    assert area.bounds[2] == 180
    parts = shapely.get_parts(area.zones[0].geometry)
    assert all(part.bounds[2] - part.bounds[0] < 170 for part in parts)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Keniya/Kentral", "did you mean Central"),
        ("Keyna", "did you mean Kenya"),
        ("Swazilnd", "did you mean Swaziland"),
        ("Kenya/Rift Valey", "did you mean Rift Valley"),
        (
            "Kenya/Turkana",
            "there are Central, Coast, .*, Western; Kenya is here by its 8 provinces",
        ),
        ("KEN-rift-valey", "did you mean KEN-rift-valley"),
        ("Rift Valley", "did you mean Kenya/Rift Valley"),
        ("Xyzzy", "no area 'Xyzzy'"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(text: str, words: str):
    with pytest.raises(InvalidAreaError, match=words):
        LAYERS.find(text)


def test_unknown_layer_names_the_known_ones():
    with pytest.raises(UnknownLayerError, match="country"):
        LAYERS.area("countries", ["Kenya"])


def test_layer_gives_a_zone_a_feature():
    area = LAYERS.area("country", ["KEN", "Uganda"])
    assert [zone.id for zone in area.zones] == ["KEN", "UGA"]


#: seats of the districts of Malawi, longitude and latitude [degrees], to about a kilometre
MALAWI = {
    "Balaka": (34.96, -14.98),
    "Blantyre": (35.01, -15.79),
    "Chikwawa": (34.80, -16.04),
    "Chiradzulu": (35.14, -15.68),
    "Chitipa": (33.27, -9.70),
    "Dedza": (34.33, -14.38),
    "Dowa": (33.94, -13.65),
    "Karonga": (33.93, -9.93),
    "Kasungu": (33.48, -13.03),
    "Likoma": (34.73, -12.07),
    "Lilongwe": (33.78, -13.98),
    "Machinga": (35.52, -14.97),
    "Mangochi": (35.26, -14.48),
    "Mchinji": (32.88, -13.80),
    "Mulanje": (35.50, -16.03),
    "Mwanza": (34.52, -15.60),
    "Mzimba": (33.60, -11.90),
    "Neno": (34.65, -15.40),
    "Nkhata Bay": (34.29, -11.61),
    "Nkhotakota": (34.30, -12.93),
    "Nsanje": (35.26, -16.92),
    "Ntcheu": (34.64, -14.82),
    "Ntchisi": (34.00, -13.37),
    "Phalombe": (35.65, -15.81),
    "Rumphi": (33.86, -11.02),
    "Salima": (34.43, -13.78),
    "Thyolo": (35.14, -16.07),
    "Zomba": (35.32, -15.39),
}


@pytest.mark.parametrize("district", MALAWI)
def test_district_of_malawi_is_where_its_seat_is(district: str):
    (zone,) = LAYERS.find(f"Malawi/{district}").zones
    # the shapes are rough: some seats lie 5 km beyond the border of theirs
    assert zone.geometry.distance(shapely.Point(MALAWI[district])) < 0.06


def test_malawi_has_no_other_district():
    assert {zone.name for zone in LAYERS.find("Malawi/*").zones} == set(MALAWI)


@pytest.mark.parametrize(
    ("unit", "place"),
    [
        ("Afghanistan/Panjshir", (69.515, 35.313)),
        ("Ecuador/Tungurahua", (-78.617, -1.249)),
        ("Eritrea/Debub", (38.816, 14.887)),
        ("Guyana/Demerara-Mahaica", (-58.155, 6.79)),
        ("Nepal/Kosi", (87.27, 26.455)),
        ("Uganda/Mbarara", (30.658, -0.607)),
        ("Vietnam/Bac Kan", (105.834, 22.147)),
    ],
)
def test_unit_that_the_source_misnames_has_its_own_name(unit: str, place: tuple[float, float]):
    (zone,) = LAYERS.find(unit).zones
    assert zone.geometry.covers(shapely.Point(place))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Kenya/*", "Kenya is here by its 8 provinces of before 2013 (47 counties since)"),
        ("Kenya/Coast", "Kenya is here by its 8 provinces of before 2013 (47 counties since)"),
        ("KEN-coast", "Kenya is here by its 8 provinces"),
        ("Rwanda/Northern", "first-level units are those of about 2010"),
        ("admin_1_earth/Guinea/*", "Guinea is here by its prefectures"),
        ("admin_1_earth/*", "; so are 37 further countries"),
    ],
)
def test_first_level_units_say_as_of_when_they_are(text: str, said: str):
    (note,) = LAYERS.find(text).notes
    assert said in note.text
    assert note.text.endswith("add a layer of your own (csserv layers add)")
    assert len(note.text) < LONGEST


def test_countries_need_no_such_note():
    assert LAYERS.find("Kenya").notes == ()
    assert "Kenya is here" in LAYERS.area("admin_1_earth", ["KEN-coast"]).notes[0].text


def test_former_units_are_counted_rightly():
    for iso, former in FORMER.items():
        numbers = [int(word) for word in re.findall(r"\d+", former.has)]
        others = former.has.count("Bamako") + former.has.count("Bangui")
        count = len(LAYERS["admin_1_earth"].of_country(iso))
        assert not numbers or sum(numbers) + others == count, iso
