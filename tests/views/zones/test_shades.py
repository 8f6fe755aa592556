"""Classes have round edges, and colours that nobody confuses with their neighbours."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from bokeh.palettes import Viridis
from numpy.typing import NDArray

from csserv.climatology.index.second_opinion import told_classes
from csserv.language import Language, speaking
from csserv.views.zones.shades import CLASSES, DIVERGING, Shades, shades_of
from csserv.views.zones.shades_legend import legend_rows
from tests.views.colours_seen import SEEN, apart, rgb

#: least distance of two colours in CIE Lab; about 2.3 is just noticed side by side
APART = 9.0


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("row", [*DIVERGING.values(), tuple(Viridis[CLASSES])])
def test_classes_are_told_apart_by_colour_blind_people(row: tuple[str, ...], seen: str):
    # neighbours, and the same on both sides of the middle
    for one, other in combinations(map(rgb, row), 2):
        assert apart(one, other, seen) > APART


@pytest.mark.parametrize(
    ("name", "numbers", "edges"),
    [
        ("value", np.linspace(0, 1390, 50), (250.0, 500.0, 750.0, 1000.0, 1250.0)),
        ("value", np.array([3.0, np.nan, 3.0]), ()),
        ("value", np.array([np.nan]), ()),
        ("value", np.linspace(-2.4, 2.1, 99), (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5)),
        ("anomaly", np.array([-3.4, 0.0, 1.0]), (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5)),
        ("anomaly", np.zeros(2), ()),
        ("percentile_rank", np.array([50.0]), (10.0, 33.0, 67.0, 90.0)),
    ],
)
def test_edges_are_round(name: str, numbers: NDArray[np.float64], edges: tuple[float, ...]):
    shades = shades_of(name, numbers, "mm", "rain", dark=False)
    assert shades.edges == edges
    assert len(set(shades.colours)) == len(edges) + 1


def test_a_number_on_an_edge_is_in_the_higher_class_and_the_legend_counts_each():
    shades = Shades("% of normal", (50.0, 90.0), ("#111111", "#222222", "#333333"))
    numbers = np.array([49.9, 50.0, 90.0, 1000.0, np.nan])
    np.testing.assert_array_equal(shades.places(numbers), [0, 1, 2, 2, np.nan])
    legend = legend_rows(shades, numbers)
    for text in ("under 50 <small>(1)", "50 to 90 <small>(1)", "90 and more <small>(2)"):
        assert text in legend
    assert "no data <small>(1)" in legend


def test_scores_have_the_classes_and_names_of_results():
    plain = told_classes("spi")["classes"]
    shades = shades_of("value", np.array([-2.3, 0.1]), "1", "score", dark=True)
    assert list(shades.edges) == [one["from"] for one in plain[1:]]
    assert list(shades.names) == [one["name"] for one in plain]
    assert shades.labels[0] == "extremely dry, under \u22122"
    assert shades.labels[3] == "near normal, \u22121 to 1"
    assert shades.places(np.array([-2.0, -1.0, 1.0])).tolist() == [1, 3, 4]
    with speaking(Language.of("es")):
        assert shades.labels[3] == "cerca de lo normal, \u22121 a 1"
