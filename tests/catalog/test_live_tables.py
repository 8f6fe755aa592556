"""A catalog that changes is seen by who has it open; a wrong change leaves what was right."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from csserv import Settings
from csserv.catalog import Catalog
from csserv.errors import SettingsError, UnknownDatasetError
from tests.test_cli import call

pytestmark = pytest.mark.slow

SNOW = """
[snow]
title = "Snow"
variable = "rain"
files = "rain/*.nc"
"""


def opened(settings: Settings) -> Catalog:
    return Catalog.read(settings.data, settings.catalog, settings.cache)


def table(settings: Settings) -> Path:
    assert settings.catalog
    return settings.catalog


def soon(seen: Callable[[], bool]) -> bool:
    """Look until something is so."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if seen():
            return True
        time.sleep(0.05)
    return False


def test_dataset_that_another_process_adds_is_there_at_once(settings: Settings):
    catalog = opened(settings)
    with pytest.raises(UnknownDatasetError):
        catalog["snow"]
    assert call(settings, "datasets", "add", "snow", "--files", "rain/*.nc").exit_code == 0
    assert catalog["snow"].coverage().files == 2
    assert soon(lambda: "snow" in list(catalog))


def test_rows_that_change_or_go_are_seen(settings: Settings):
    path, catalog = table(settings), opened(settings)
    before = path.read_text()
    path.write_text(before.replace('"Rain"', '"Rainfall"'))
    assert soon(lambda: catalog["rain"].title == "Rainfall")
    path.write_text("")
    assert soon(lambda: "rain" not in catalog)
    path.write_text(before)
    assert soon(lambda: "rain" in catalog)


def test_table_of_the_data_folder_may_come_later(settings: Settings):
    catalog = opened(settings)
    (settings.data / "datasets.toml").write_text(SNOW)
    assert soon(lambda: "snow" in catalog)


@pytest.mark.parametrize("harm", ["[rain\n", '[rain]\ntitle = "Rain"\n', "\x00", None])
def test_broken_table_keeps_the_last_good_one_and_says_so(
    settings: Settings, caplog: pytest.LogCaptureFixture, harm: str | None
):
    path, catalog = table(settings), opened(settings)
    good = path.read_text()
    if harm is None:
        path.unlink()
    else:
        path.write_text(harm)
    with caplog.at_level(logging.WARNING):
        assert soon(lambda: len(catalog) > 0 and bool(caplog.records))
    assert catalog["rain"].title == "Rain"
    assert "stay as they were" in caplog.text
    with pytest.raises(SettingsError):
        opened(settings)
    assert call(settings, "doctor").exit_code != 0
    path.write_text(good.replace('"Rain"', '"Mended"'))
    assert soon(lambda: catalog["rain"].title == "Mended")


def test_broken_table_is_said_once_and_not_at_each_look(
    settings: Settings, caplog: pytest.LogCaptureFixture
):
    path, catalog = table(settings), opened(settings)
    path.write_text("[rain\n")
    for _ in range(3):
        time.sleep(0.6)
        assert "rain" in catalog
    assert len([one for one in caplog.records if "stay as they were" in one.getMessage()]) == 1


LOOKING = """
import sys, time
from csserv import Service, Settings
from pathlib import Path
home, data, own = map(Path, sys.argv[1:])
with Service(Settings(home=home, data=data, catalog=own), starts_runner=False) as service:
    print("open", flush=True)
    end = time.monotonic() + 60  # who asks may have failed, and waits for the end of this
    while "snow" not in list(service.catalog) and time.monotonic() < end:
        time.sleep(0.05)
    print("seen" if "snow" in list(service.catalog) else "not seen", flush=True)
"""


def test_processes_that_run_see_it_too(settings: Settings):
    words = [sys.executable, "-c", LOOKING, settings.home, settings.data, table(settings)]
    with subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        table(settings).write_text(table(settings).read_text() + SNOW)
        assert other.stdout.readline() == "seen\n"


def test_broken_table_does_not_end_a_service_that_runs(settings: Settings):
    from csserv import Service

    with Service(settings, starts_runner=False) as service:
        table(settings).write_text("[rain\n")
        time.sleep(0.7)
        assert service.coverage("rain").files == 2
