"""What has moved is told exactly: which numbers, by how much, from which file, and why."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from click.testing import CliRunner

from csserv import Area, Service, Settings, Zone
from csserv.checking import Moved
from csserv.checking.step_origins import changed_files
from csserv.cli import main
from csserv.ingest.fetch import Fetched
from csserv.ingest.replay.made_files import MadeGrid
from csserv.ingest.replay.replay_server import serve_replay
from csserv.ingest.stored.box import Box
from csserv.outputs import Result
from tests.checking.conftest import TABLE, write_rain
from tests.checking.conftest import ZONES as TWO_ZONES
from tests.ingest.conftest import Stand
from tests.ingest.test_fetch import change
from tests.outputs.exports import export

# rasterio itself multiplies transforms in the old way
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

#: a triangle that cuts cells, and a box
ZONES = Area(
    (
        Zone("t", "triangle", shapely.Polygon([(34.2, -1.3), (39.7, -0.9), (36.4, 2.8)])),
        Zone("b", "box", shapely.box(35.0, -1.5, 37.3, 2.0)),
    ),
    "two zones",
)
NAME = "chirps3"
FIRST, LAST = "2024-03-01", "2024-03-12"

#: why a day is another one, after final data came
FINAL = r"preliminary \(came \d{4}-\d\d-\d\d\) became final \(came \d{4}-\d\d-\d\d\)"


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Twelve days of preliminary data."""
    with serve_replay() as replay:
        stand = Stand(replay, tmp_path_factory.mktemp("moved") / "data")
        stand.publish(NAME, f"{FIRST}/{LAST}", "preliminary")
        fetch(stand, FIRST, LAST)
        yield stand


def fetch(stand: Stand, first: str, last: str, **asked: Any) -> Fetched:
    """Fetch; the stand-in needs no pauses."""
    product = replace(stand.products[NAME], pause=0.0)
    fetching = stand.fetching(NAME, first, last, product, **asked)
    return fetching.run(fetching.plan())


def settings_of(stand: Stand) -> Settings:
    return Settings(home=stand.folder.parent / "home", data=stand.folder)


def asked(stand: Stand, operation: str, **options: str) -> Result:
    """A published result."""
    return export(settings_of(stand), NAME, operation, ZONES, period="2024-03", **options)


def moved(stand: Stand, result: Result) -> Moved:
    return moved_of(result, settings_of(stand))


def moved_of(result: Result, settings: Settings) -> Moved:
    with Service(settings, starts_runner=False) as service:
        return service.moved(result)


@pytest.fixture(scope="module")
def before(stand: Stand) -> dict[str, Result]:
    """Results of preliminary data; after them, days 3, 4 and 7 become final, and day 9 is lost."""
    found = {name: asked(stand, name) for name in ("mean", "geotiff", "netcdf", "csv")}
    found["several"] = asked(stand, "max,p90")
    found["dekads"] = asked(stand, "sum", time_step="dekad")
    found["two"] = export(settings_of(stand), NAME, "mean", ZONES, period="2024-03-01/2024-03-02")
    still = {name: moved(stand, one) for name, one in found.items()}
    assert {name: str(one) for name, one in still.items() if not one.is_still} == {}
    stand.publish(NAME, "2024-03-03/2024-03-07", skip=(date(2024, 3, 5), date(2024, 3, 6)))
    stand.publish(NAME, "2024-03-14")
    done = fetch(stand, FIRST, "2024-03-14")
    assert (done.steps, done.replaced) == (4, 3)
    (stand.folder / NAME / f"{NAME}.20240309.nc").unlink()
    return found


def numbers(result: Result) -> dict[tuple[str, str], float]:
    return {
        (one["zone"]["name"], time): value
        for one in result.json["series"]
        for time, value in zip(one["time"], one["value"], strict=True)
    }


def test_exactly_the_numbers_that_are_others_today_are_listed(
    stand: Stand, before: dict[str, Result]
):
    found = moved(stand, before["mean"])
    then, now = numbers(before["mean"]), numbers(asked(stand, "mean"))
    told = {(one.zone, one.time): (one.old, one.new) for one in found.changes}
    assert told == {
        key: (then.get(key), now.get(key))
        for key in then.keys() | now.keys()
        if then.get(key) != now.get(key)
    }
    days = ["2024-03-03", "2024-03-04", "2024-03-07", "2024-03-09", "2024-03-14"]
    assert [one.time for one in found.changes] == 2 * days
    assert (found.numbers, found.trouble, found.is_still) == (26, "", False)


def test_each_change_says_how_much_from_which_file_and_why(stand: Stand, before: dict[str, Result]):
    changes = moved(stand, before["mean"]).changes
    third, lost, new = changes[0], changes[3], changes[4]
    assert third.files == ("chirps3/chirps3.20240303.nc",)
    # made-up preliminary numbers are a quarter more than final ones
    assert third.percent == pytest.approx(-20.0)
    assert third.new is not None
    assert third.difference == pytest.approx(-third.new / 4)
    assert_matches(FINAL, third.why)
    assert (lost.new, lost.difference, lost.files) == (None, None, ())
    assert_matches(r"no file holds it any more \(preliminary came \d{4}-\d\d-\d\d\)", lost.why)
    assert (new.old, new.percent) == (None, None)
    assert_matches(r"final came \d{4}-\d\d-\d\d", new.why)


def assert_matches(pattern: str, text: str) -> None:
    assert re.fullmatch(pattern, text), text


def test_first_line_says_how_many_how_much_and_since_when(stand: Stand, before: dict[str, Result]):
    found = moved(stand, before["mean"])
    most = max(abs(one.difference or 0.0) for one in found.changes)
    since = before["mean"].provenance["started"][:10]
    first, head, *rows = str(found).splitlines()
    assert first == (
        f"10 of 26 numbers have changed since {since}, by at most {most:.3g} mm/day (20 %); "
        "2 where none was before; 2 where none is any more"
    )
    assert head.split() == ["step", "zone", "was", "is", "change", "%", "units", "why", "from"]
    assert len(rows) == 10


def test_longer_steps_name_the_days_behind_them(stand: Stand, before: dict[str, Result]):
    found = moved(stand, before["dekads"])
    first, other = found.changes
    assert [one.time for one in found.changes] == ["2024-03-01", "2024-03-01"]
    assert {first.zone, other.zone} == {"triangle", "box"}
    final = f"2024-03-03, 2024-03-04, 2024-03-07: {FINAL}"
    assert_matches(f"{final}; 2024-03-09: no file holds it any more", first.why)
    assert len(first.files) == 9


def test_all_operations_are_compared(stand: Stand, before: dict[str, Result]):
    found = moved(stand, before["several"])
    assert {one.operation for one in found.changes} == {"max", "p90"}
    assert found.numbers == 52
    table = found.to_dataframe()
    assert list(table["operation"]) == [one.operation for one in found.changes]
    assert "operation" in str(found).splitlines()[1].split()


def test_days_that_did_not_change_have_not_moved(stand: Stand, before: dict[str, Result]):
    found = moved(stand, before["two"])
    assert str(found) == f"nothing has moved since {found.since[:10]}: 4 numbers as before"
    assert list(found.to_dataframe().columns)[:3] == ["zone", "zone_id", "operation"]


@pytest.mark.parametrize("form", ["geotiff", "netcdf"])
def test_maps_are_compared_cell_by_cell(stand: Stand, before: dict[str, Result], form: str):
    result = before[form]
    found = moved(stand, result)
    days = ["2024-03-03", "2024-03-04", "2024-03-07", "2024-03-14", "2024-03-09"]
    assert [one.time for one in found.maps] == days
    third, *_, new, lost = found.maps
    inner = "20240303.tif" if form == "geotiff" else f"{result.folder.name}.nc"
    assert (third.file, new.file) == (inner, "")
    then, now = (stand.made(datetime(2024, 3, 3), one) for one in ("preliminary", "final"))
    away = abs(then - now)
    # the largest of those cells that the zones touch; dry cells are the same in both
    assert 0 < third.different < third.cells
    assert third.old is not None
    assert third.new == pytest.approx(0.8 * third.old)
    assert abs(third.difference or 0.0) <= away[~(away != away)].max()
    assert_matches(FINAL, third.why)
    assert (lost.new, lost.different) == (None, lost.cells)
    assert str(found).startswith("5 of 12 maps have changed since ")
    assert "; so have 10 of 26 numbers, by at most" in found.headline


def test_csv_names_the_file_that_holds_the_old_numbers(stand: Stand, before: dict[str, Result]):
    (said,) = moved(stand, before["csv"]).besides
    assert said.startswith(f"the CSV in {before['csv'].folder.name}.zip has the old numbers")


@pytest.mark.parametrize("form", ["geotiff", "netcdf"])
def test_maps_that_cannot_be_read_are_not_guessed(
    stand: Stand, before: dict[str, Result], form: str
):
    path = before[form].path.with_suffix(".zip")
    kept = path.read_bytes()
    for content in (b"no zip", None):
        path.unlink()
        if content:
            path.write_bytes(content)
        found = moved(stand, before[form])
        assert not found.is_still
        assert f"its maps cannot be read from {path.name}: " in found.headline
        assert found.headline.startswith("it cannot be told what has moved since ")
        path.write_bytes(kept)


def test_command_prints_a_line_and_a_table(stand: Stand, before: dict[str, Result]):
    settings = settings_of(stand)
    variables = {"CSSERV_HOME": str(settings.home), "CSSERV_DATA": str(settings.data)}
    for name, code in (("mean", 1), ("two", 0)):
        result = before[name]
        done = CliRunner().invoke(main, ["moved", str(result.path)], env=variables)
        assert (done.exit_code, done.output.splitlines()[0]) == (
            code,
            moved(stand, result).headline,
        )
    done = CliRunner().invoke(main, ["moved", str(before["mean"].path), "--json"], env=variables)
    plain = json.loads(done.output)
    assert len(plain["changes"]) == 10
    assert plain["changes"][0]["files"] == ["chirps3/chirps3.20240303.nc"]


def test_of_many_changes_twenty_are_shown(tmp_path: Path):
    """Data that nobody fetched: no ledger says why they are others."""
    folder = tmp_path / "data" / "rain"
    write_rain(folder)
    (tmp_path / "own.toml").write_text(TABLE)
    settings = Settings(
        home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml"
    )
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    result = export(settings, "rain", "mean", TWO_ZONES, period="2019")
    write_rain(folder, seed=8)
    with Service(settings, starts_runner=False) as service:
        found = service.moved(result)
    assert len(found.changes) == 2 * 59
    assert {one.why for one in found.changes} == {
        f"rain_{month}.nc has changed; no ledger says why" for month in (1, 2)
    }
    lines = str(found).splitlines()
    assert (len(lines), lines[-1]) == (23, "and 98 more")


def test_longer_step_that_lost_a_file_says_so(tmp_path: Path):
    folder = tmp_path / "data" / "rain"
    write_rain(folder)
    (tmp_path / "own.toml").write_text(TABLE)
    settings = Settings(
        home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml"
    )
    how: dict[str, Any] = {"time_step": "period", "least_valid": 0}
    result = export(settings, "rain", "max", TWO_ZONES, period="2019-01-01/2019-02-28", **how)
    (folder / "rain_1.nc").unlink()
    os.utime(folder / "rain_2.nc", (0, 0))
    plain = result.json["provenance"]["granules"][1]
    plain["modified"] = "1970-01-01T00:00:00Z"  # as if it had been old then
    found = moved_of(result, settings)
    assert {one.time for one in found.changes} == {"2019-01-01"}
    assert {one.why for one in found.changes} == {"rain_1.nc is gone; no ledger says why"}


def test_file_that_is_replaced_within_a_second_is_not_missed(tmp_path: Path):
    """The receipt has its size and the second of its time, and both are as they were."""
    folder = tmp_path / "data" / "rain"
    (tmp_path / "own.toml").write_text(TABLE)
    settings = Settings(
        home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml"
    )
    write_rain(folder)
    second = datetime.now().timestamp() // 1 + 1
    for path in folder.iterdir():
        os.utime(path, (second, second))
    result = export(settings, "rain", "mean", TWO_ZONES, period="2019")
    write_rain(folder, seed=8)
    for path in folder.iterdir():
        os.utime(path, (second, second + 0.5))
    with Service(settings, starts_runner=False) as service:
        found = service.moved(result)
    assert len(found.changes) == 2 * 59
    said = "rain_1.nc was written while the result was computed; no ledger says why"
    assert found.changes[0].why == said


def test_result_that_cannot_be_computed_again_is_told_in_words(stand: Stand, tmp_path: Path):
    result = asked(stand, "mean")
    with Service(settings_of(stand).model_copy(update={"data": tmp_path})) as elsewhere:
        found = elsewhere.moved(result.path)
    assert not found.is_still
    assert found.headline.startswith("it cannot be told what has moved since ")
    assert "has no files on this server" in found.trouble
    lost = Result(result.folder, tmp_path / "nowhere.geojson")
    assert "the shapes of the zones cannot be read" in moved(stand, lost).trouble
    other = Result(result.folder, Area(ZONES.zones[::-1], "turned"))
    assert moved(stand, other).trouble == "the stored area is another one than was asked about"


def test_what_the_provider_changed_in_its_own_stream_is_told(tmp_path: Path):
    with serve_replay() as replay:
        stand = Stand(replay, tmp_path / "data")
        stand.publish("tamsat", "2024-01-01/2024-01-04")
        stand.fetch("tamsat", "2024-01-01", "2024-01-04")
        result = export(settings_of(stand), "tamsat", "mean", ZONES, period="2024-01")
        change(stand, "2024_01_03.v3.1.nc")
        stand.fetch("tamsat", "2024-01-01", "2024-01-04")
    found = moved(stand, result)
    assert [one.time for one in found.changes] == ["2024-01-03", "2024-01-03"]
    day = r"\d{4}-\d\d-\d\d"
    said = rf"final \(came {day}\) was changed by the provider, and came anew {day}"
    assert_matches(said, found.changes[0].why)


def test_folding_a_month_moves_nothing(tmp_path: Path):
    """The files are others, and their cells are added up in another order."""
    box = Box(21.0, -10.0, 35.0, 9.0)
    zone = Zone("t", "triangle", shapely.Polygon([(21.2, -9.3), (34.7, -8.1), (29.4, 8.8)]))
    area, last = Area((zone,), "large"), datetime(2024, 3, 3)
    with serve_replay() as replay:
        replay.shelf.grid = MadeGrid(20.0, 10.0, 0.1, 210, 160)
        stand = Stand(replay, tmp_path / "data")
        stand.publish(NAME, "2024-03-01/2024-03-03")
        fetch(stand, "2024-03-01", "2024-03-03", box=box)
        result = export(settings_of(stand), NAME, "mean", area, period="2024-03-01/2024-03-03")
        maps = export(settings_of(stand), NAME, "netcdf", area, period="2024-03-01/2024-03-03")
        rest = f"{last + timedelta(1):%Y-%m-%d}/2024-03-31"
        stand.publish(NAME, rest)
        fetch(stand, "", "", box=None)
        assert [path.name for path in (stand.folder / NAME).glob("*.nc")] == ["chirps3.202403.nc"]
    found = moved(stand, result)
    assert found.headline == f"nothing has moved since {found.since[:10]}: 3 numbers as before"
    (said,) = found.besides
    assert_matches(r"\d more numbers? differs? in the last digits only, as .*", said)
    assert moved(stand, maps).is_still


def test_files_that_surely_are_others_are_named_first():
    began = "2026-01-01T12:00:00Z"
    as_new = {"file": "a.nc", "bytes": 1, "modified": began, "header": "x"}
    old = {"file": "b.nc", "bytes": 1, "modified": "2025-01-01T00:00:00Z", "header": "x"}
    gone, new = ({**old, "file": name} for name in ("c.nc", "d.nc"))
    changed = {**old, "bytes": 2}
    found = changed_files([as_new, old, gone], [as_new, new, changed], began)
    assert [*found.items()] == [
        ("b.nc", "has changed"),
        ("d.nc", "is new"),
        ("c.nc", "is gone"),
        ("a.nc", "was written while the result was computed"),
    ]
