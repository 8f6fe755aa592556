"""Half of a character, as arguments that are no UTF-8 have it: told in words, or harmless."""

from __future__ import annotations

import getpass
import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import pytest
import shapely

from csserv import Service
from csserv.errors import CsservError, InvalidRequestError, SettingsError, UnknownDatasetError
from csserv.methods import ServiceMethods
from csserv.notes import Note
from csserv.request.plain_text import check_text
from csserv.settings import read_settings
from csserv.tasks.log.task_filter import TaskFilter

HALVES = ["\udc80", "a\ud800b"]

REQUEST = {
    "dataset": "rain",
    "operation": "mean",
    "area": [30, 0, 32, 2],
    "period": "2019-01",
    "time_step": "monthly",
}

#: what takes text, but is declared by a type of its own
OBJECTS = {"area", "given", "wanted", "date", "select", "index_options"}

#: these pass on what they are given to the others, or to workers
OTHERS = {"index_of", "map_zones", "outlook", "stop_worker", "submit_many"}

ZONE = {"type": "Point", "coordinates": [31, 1]}


def values(name: str, half: str) -> Iterator[Any]:
    """What a parameter may be given that holds half of a character."""
    if name != "wanted":
        yield half
    if name in ("select", "index_options"):
        yield from ({half: "x"}, {"member": half})
    elif name in ("area", "given"):
        yield {"type": "Feature", "id": half, "properties": {half: half}, "geometry": ZONE}
        yield from (f"Kenya/{half}", [half], {half: half})
    elif name == "wanted":
        for field in ("since", "client", "dataset"):
            yield lambda: TaskFilter(**{field: half})  # noqa: B023


def calls(service: Service, half: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each method, with half of a character in each parameter that may be text, in turn."""
    needed = {"given": ZONE, "name": "layer", "task": "x", "result": "x", "date": "2019-01-01"}
    for method, declared in inspect.getmembers(ServiceMethods, inspect.isfunction):
        taken = inspect.signature(declared).parameters
        plain = {one: value for one, value in (REQUEST | needed).items() if one in taken}
        ask = partial(getattr(service, method), **plain)
        left_out = method in OTHERS or method.startswith("_")
        for name in () if left_out else filter(partial(_is_text, taken), taken):
            for given in values(name, half):
                yield f"{method}({name}={given!r})", partial(_call, ask, name, given)


def _is_text(taken: Mapping[str, inspect.Parameter], name: str) -> bool:
    return "str" in str(taken[name].annotation) or name in OBJECTS


def _call(ask: Callable[..., object], name: str, given: Any) -> None:
    found = ask(**{name: given() if callable(given) else given})
    if isinstance(found, Iterator):  # of ``watch``
        list(found)


def trouble(call: Callable[[], object]) -> str:
    """What is wrong with how a call was answered; empty if nothing is."""
    try:
        call()
    except CsservError as error:
        return "" if str(error).encode() else "says nothing"
    except Exception as error:  # whatever it is, no caller should see it
        return repr(error)
    return ""


@pytest.mark.parametrize("half", HALVES)
def test_each_method_takes_it_or_says_what_is_wrong(service: Service, half: str):
    troubles = {what: trouble(call) for what, call in calls(service, half)}
    assert len(troubles) > 60
    assert [f"{what}: {said}" for what, said in troubles.items() if said] == []
    for task in service.tasks(count=1000):  # what was taken can be stored and sent
        assert orjson.dumps(task.to_dict())
        assert service.task_area(task).sha256 == task.request.area


def test_names_of_columns_stand_in_notes_as_they_can_be_written(service: Service):
    frame = pd.DataFrame({"shape": ["x"]})
    frame.columns = pd.Index(["\udc80"], dtype=object)
    geopandas = pytest.importorskip("geopandas")
    area = service.area(geopandas.GeoDataFrame(frame, geometry=[shapely.Point(31, 1)], crs=4326))
    assert area.sha256
    assert Note("zones", "\udc80").text == "\\udc80"


def test_client_and_filter_are_refused_with_what_was_given(service: Service):
    words = r"client 'a\\ud800b' holds half of a character"
    with pytest.raises(InvalidRequestError, match=words):
        service.submit(**REQUEST, client="a\ud800b")
    for field in {one.name for one in fields(TaskFilter)} - {"since", "after"}:
        with pytest.raises(InvalidRequestError, match="half of a character"):
            TaskFilter(**{field: "\udc80"})
    check_text("Lac Ténéré \U0001f327", "a name of whole characters")


def test_user_of_a_machine_may_have_any_name(service: Service, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "a\udc80b")
    assert service.submit(**REQUEST).client == "a b"


def test_messages_can_be_sent_whatever_they_quote():
    assert orjson.dumps(str(UnknownDatasetError("a\udc80", ["b"])))
    assert str(SettingsError("no folder \ud800")) == "no folder \\ud800"


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "a" * 256])
@pytest.mark.parametrize("setting", ["home", "data", "catalog", "log_file"])
def test_paths_that_no_disk_can_have_are_refused(setting: str, name: str):
    with pytest.raises(SettingsError):
        read_settings(**{setting: name})


def test_folder_of_data_that_netcdf_cannot_open_is_refused():
    with pytest.raises(SettingsError, match="its path is no UTF-8"):
        read_settings(data="/data/r\udce4in")
    assert read_settings(home="/data/r\udce4in").home.name == "r\udce4in"


@pytest.mark.slow
def test_terminal_that_takes_utf8_only_is_shown_other_names_with_escapes(tmp_path: Path):
    home = os.fsdecode(os.fsencode(tmp_path) + b"/a\x80b")
    strict = os.environ | {"PYTHONIOENCODING": "utf-8:strict", "CSSERV_HOME": home}
    strict |= {"CSSERV_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "csserv", "doctor"], env=strict, capture_output=True, check=False
    )
    assert b"a\\udc80b" in done.stdout
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("given", ["", ".", "..", "../areas", "x", "\0", "a" * 300])
def test_only_ids_have_files(service: Service, given: str):
    service.submit(**REQUEST)
    assert service.file_names(given) == []
