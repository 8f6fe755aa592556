"""The bundled boundaries and how they are found."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from csserv.catalog import Layers
from csserv.catalog.layers import BUNDLED
from csserv.errors import AreaTooLargeError, InvalidAreaError, UnknownLayerError
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
        ("Kenia", "did you mean Kenya"),
        ("Kenya/Rift Valey", "did you mean Rift Valley"),
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
