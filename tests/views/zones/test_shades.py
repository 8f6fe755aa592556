"""Classes have round edges, and colours that nobody confuses with their neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.palettes import Viridis
from numpy.typing import NDArray

from csserv.views.zones.shades import CLASSES, DIVERGING, Shades, shades_of
from csserv.views.zones.shades_legend import legend_rows

#: how people without one kind of cones see linear RGB (Machado, Oliveira, Fernandes 2009)
SEEN = {
    "by most": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}

#: linear RGB → XYZ, as shares of white
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.9505], [1.0], [1.089]])

#: least distance of two colours in CIE Lab; about 2.3 is just noticed side by side
APART = 9.0


def lab(colour: str, seen: object) -> NDArray[np.float64]:
    """A colour as somebody sees it, in CIE Lab."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ np.clip(np.array(seen) @ linear, 0, 1), 1e-6))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("row", [*DIVERGING.values(), tuple(Viridis[CLASSES])])
def test_classes_are_told_apart_by_colour_blind_people(row: tuple[str, ...], seen: str):
    points = [lab(colour, SEEN[seen]) for colour in row]
    for n, one in enumerate(points):
        for other in points[:n]:  # neighbours, and the same on both sides of the middle
            assert np.linalg.norm(one - other) > APART


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
