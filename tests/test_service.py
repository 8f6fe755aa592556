"""The front door: what is checked when a request is made."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import shapely

from csserv import Area, Service
from csserv.catalog import Catalog
from csserv.errors import (
    EmptySelectionError,
    InvalidAreaError,
    SettingsError,
    TaskNotFoundError,
    UnknownDatasetError,
    UnknownOperationError,
)
from csserv.methods import ServiceMethods
from csserv.remote import RemoteService

BOX = Area.from_box(30, 0, 32, 2)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        (("rian", "mean", BOX, "2019"), UnknownDatasetError, "did you mean rain"),
        (("rain", "men", BOX, "2019"), UnknownOperationError, "did you mean me"),
        (("rain", "mean", BOX, "2021"), EmptySelectionError, "2019-01-01 to 2019-02-28"),
        (("rain", "mean", Area.from_box(0, 0, 1, 1), "2019"), EmptySelectionError, "20 to 40"),
        (
            ("rain", "mean", Area.from_geometry(shapely.MultiPoint([(0, 0), (60, 0)])), "2019"),
            EmptySelectionError,
            "20 to 40",
        ),
        (("rain", "mean", "Nowhereland", "2019"), InvalidAreaError, "no area 'Nowhereland'"),
        (("rain", "mean", Path("gone.kml"), "2019"), InvalidAreaError, "no file"),
    ],
)
def test_wrong_requests_are_refused_before_anything_is_queued(
    service: Service, asked, error, words: str
):
    with pytest.raises(error, match=words):
        service.submit(*asked)
    assert service.tasks() == []


def test_task_is_on_disk_when_submit_returns(service: Service):
    task = service.submit("rain", "mean", BOX, "2019-01")
    with Service(service.settings, starts_runner=False) as other:
        assert other.task(task.id) == task
        assert [one.id for one in other.tasks()] == [task.id]
    with pytest.raises(TaskNotFoundError):
        service.task("nobody")


def test_dataset_is_found_by_its_climateserv_number(service: Service):
    assert service.catalog["0"].name == "chirps"


def test_extent_is_what_the_files_say(service: Service):
    assert service.extent("rain") == ("2019-01-01", "2019-02-28")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a]\ntitle = 'A'\n", "lacks files, variable"),
        ("[a]\ntitle='A'\nvariable='v'\nfiles='*'\ncolour='red'\n", "unknown colour"),
        ("[a", "no TOML"),
    ],
)
def test_wrong_catalog_is_refused(tmp_path: Path, text: str, words: str):
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(SettingsError, match=words):
        Catalog.read(tmp_path, tmp_path / "own.toml")


@pytest.mark.parametrize("kind", [Service, RemoteService])
@pytest.mark.parametrize("name", sorted(ServiceMethods.__abstractmethods__ | {"area", "submit"}))
def test_here_and_on_a_server_one_is_asked_and_helped_alike(kind: type, name: str):
    told, own = getattr(ServiceMethods, name), getattr(kind, name)
    if not name.startswith("_"):
        assert own.__doc__, "a notebook shows no help"
    if callable(told) and name not in ("add_layer", "close", "explain", "verify"):
        assert inspect.signature(own).parameters.keys() == inspect.signature(told).parameters.keys()
