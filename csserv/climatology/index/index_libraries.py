"""Loads the libraries that own the formulas, and keeps them from changing logs and units."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Any

import numpy as np

from csserv.errors import InvalidRequestError

INSTALL = "pip install 'csserv[indices]'"

#: name of a package → its modules that are used
CLIMATE_INDICES = "climate-indices"
XCLIM = "xclim"


def load(module: str, package: str) -> ModuleType:
    """Import a module of a library.

    Raises
    ------
    InvalidRequestError : it is not installed; says how it is
    """
    try:
        with _as_it_was(), quiet():
            return import_module(module)
    except ModuleNotFoundError as error:
        raise InvalidRequestError(
            f"this index is computed by {package}, and {error.name} is not installed: {INSTALL}"
        ) from None


def library(package: str) -> dict[str, str]:
    """Return the lines of a receipt that name a library."""
    return {"library": package, "version": version(package)}


@contextmanager
def quiet() -> Iterator[None]:
    """Let a library say nothing: what it warns of stands in the receipt.

    numpy's own warnings stay on, for climate-indices computes with its compiled kernels only where
    they are off: numbers shall not depend on which of its builds is installed.
    """
    with (
        warnings.catch_warnings(),
        np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _as_it_was() -> Iterator[None]:
    """Undo what importing does to others.

    climate-indices takes the place of all handlers of the root logger (3.1.0), xclim makes its
    units those of the whole process (0.62.0).
    """
    import pint

    root, speaks = logging.getLogger(), logging.getLogger("pint.util")
    handlers, level, loud = list(root.handlers), root.level, speaks.level
    registry: Any = pint  # has types for a part of itself
    units = registry.get_application_registry().get()
    speaks.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        speaks.setLevel(loud)
        registry.set_application_registry(units)
        logging.getLogger("climate_indices").setLevel(logging.CRITICAL)
