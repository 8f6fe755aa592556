"""What several tests start from: a small catalog, a service on it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings as hypothesis_settings

from csserv import Service, Settings
from csserv.catalog.samples.many_years import build_many_years
from csserv.tasks.run.attempt import Attempt
from tests.files import LAT, LON, write_granule
from tests.halfway import BOX, known_here, planned, write_year
from tests.made_once import made_once

# how long an example takes depends on what else the machine does
hypothesis_settings.register_profile("csserv", deadline=None)
hypothesis_settings.load_profile("csserv")

TABLE = """
[rain]
title = "Rain"
variable = "rain"
files = "rain/*.nc"
units = "mm/day"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two granules of a month: January holds 1, 2, 3, … by day, February zeros."""
    for month, first, count in ((1, 0, 31), (2, 31, 28)):
        days = first + np.arange(count)
        level = days + 1.0 if month == 1 else np.zeros(count)
        values = np.broadcast_to(level[:, None, None], (count, len(LAT), len(LON)))
        path = tmp_path / "data" / "rain" / f"rain_{month}.nc"
        write_granule(path, np.array(values), LAT, LON, days=days)
    catalog = tmp_path / "own.toml"
    catalog.write_text(TABLE)
    return Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=catalog)


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of data that no test changes; see ``tests.halfway``."""
    return made_once(tmp_path_factory, "year", write_year)


@pytest.fixture(scope="session")
def climate_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples ``synthetic_rain`` and ``synthetic_temperature``, which no test changes.

    45 years of dekads of East Africa; the folder is one for ``CSSERV_DATA``.
    """
    return made_once(tmp_path_factory, "climate", build_many_years)


@pytest.fixture
def here(tmp_path: Path, year: Path) -> Settings:
    """Settings that know that year."""
    return known_here(tmp_path, year)


@pytest.fixture
def attempt(here: Settings, request: pytest.FixtureRequest) -> Attempt:
    """A task that several blocks share by time; its operation may be a parameter."""
    return planned(here, "maps", getattr(request, "param", "mean"), BOX)


@pytest.fixture
def small_disk(tmp_path: Path) -> list[str]:
    """The beginning of a shell command that sees a disk of 3 MB in ``tmp_path``."""
    mount = f"mount -t tmpfs -o size=3m tmpfs {tmp_path} && "
    prefix = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if os.geteuid() == 0:
        prefix = ["unshare", "--mount", "sh", "-c"]
    probe = subprocess.run([*prefix, f"{mount} true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {probe.stderr.strip()}")
    return [*prefix, f'{mount} eval "$0"']


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with Service(settings, starts_runner=False) as service:
        yield service
