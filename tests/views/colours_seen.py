"""Colours as people see them who lack one kind of cones, and how far they are apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: how they see linear RGB (Machado, Oliveira, Fernandes 2009)
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

Floats = NDArray[np.float64]


def apart(one: Floats, other: Floats, seen: str) -> float:
    """How far two colours are apart in CIE Lab; about 2.3 is just noticed side by side."""
    return float(np.linalg.norm(_lab(one, seen) - _lab(other, seen)))


def rgb(colour: str) -> Floats:
    """A colour as shares of red, green and blue."""
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def over(colour: str, opacity: float, ground: Floats) -> Floats:
    """What is seen of a colour that lies over another one."""
    return opacity * rgb(colour) + (1 - opacity) * ground


def contrast(one: Floats, other: Floats) -> float:
    """The ratio of two colours by WCAG 2, 1 to 21."""
    low, high = sorted(float(_linear(each) @ TO_XYZ[1]) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def _linear(colour: Floats) -> Floats:
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def _lab(colour: Floats, seen: str) -> Floats:
    mixed = np.clip(np.array(SEEN[seen]) @ _linear(colour), 0, 1)
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ mixed, 1e-6))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
