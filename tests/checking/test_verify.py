"""A result computed again from its receipt is the same, or it is said what has changed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

import csserv
from csserv import Service
from csserv.cli import main
from csserv.errors import InvalidRequestError, TaskNotFinishedError
from csserv.outputs import Result
from csserv.request import Area
from tests.checking.conftest import ZONES, write_rain


@pytest.fixture(scope="module")
def result(service: Service) -> Result:
    return service.result(service.submit("rain", "mean", ZONES, "2019", time_step="monthly"))


def with_changes(result: Result, folder: Path, **changes: object) -> Result:
    """A copy of a result whose JSON says something else."""
    copy = Result(folder / result.folder.name, result.area)
    copy.folder.mkdir()
    plain = result.json | changes
    copy.path.write_text(json.dumps(plain))
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("name", ["median", "total", "netcdf", "std"])
def test_untouched_result_is_identical(service: Service, name: str):
    found = service.verify(service.submit("rain", name, ZONES, "2019"))
    assert (found.is_identical, found.differences) == (True, ())
    assert str(found) == "identical"


def test_result_is_verified_from_its_folder_without_a_log(service: Service, result: Result):
    assert csserv.verify(result.folder, service.settings).is_identical


def test_result_is_verified_from_a_copy_of_its_json_alone(
    service: Service, result: Result, tmp_path: Path
):
    copy = tmp_path / "sent by mail.json"
    copy.write_bytes(result.path.read_bytes())
    for given in (copy, str(copy), result.path, str(result.folder)):
        found = service.verify(given)
        assert (found.is_identical, found.differences) == (True, ())
    assert csserv.verify(copy, service.settings).is_identical


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"series": []}'])
def test_file_that_is_no_result_is_refused_in_a_sentence(
    service: Service, tmp_path: Path, text: str
):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(InvalidRequestError, match=r"other.json is no JSON file of a result; give"):
        service.verify(path)
    with pytest.raises(TaskNotFinishedError, match=r"no result in .*gone.json"):
        service.verify(tmp_path / "gone.json")


def test_command_says_by_its_exit_code_whether_numbers_differ(
    service: Service, result: Result, tmp_path: Path
):
    settings = service.settings.model_dump()
    known = {name: settings[name] for name in ("home", "data", "catalog")}
    variables = {f"CSSERV_{name.upper()}": str(value) for name, value in known.items()}
    series = [one | {"value": [0.0 for _ in one["value"]]} for one in result.json["series"]]
    forged = with_changes(result, tmp_path, series=series)
    for path, code, words in ((result.path, 0, "identical"), (forged.path, 1, "not identical:")):
        done = CliRunner().invoke(main, ["verify", str(path)], env=variables)
        assert (done.exit_code, done.output.splitlines()[0]) == (code, words)


def test_file_that_was_touched_is_named_though_its_numbers_are_the_same(
    service: Service, result: Result
):
    path = service.settings.data / "rain" / "rain_2.nc"
    stat = path.stat()
    os.utime(path, (stat.st_atime, stat.st_mtime + 100))
    found = service.verify(result)
    assert found.is_identical
    (said,) = found.differences
    assert said.startswith("rain_2.nc has changed: ")
    assert said.endswith("; header and chunks are the same")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert service.verify(result).differences == ()


def test_bytes_of_files_are_kept_the_first_time_and_compared_from_then_on(
    service: Service, result: Result, tmp_path: Path
):
    copy = with_changes(result, tmp_path)
    (first,) = service.verify(copy, whole=True).differences
    kept = copy.path.with_suffix(".sha256")
    assert first == f"the SHA-256 of 2 files are kept in {kept} from now on"
    asked = ["sha256sum", "--check", "--quiet", str(kept)]
    assert subprocess.run(asked, cwd=service.settings.data, check=False).returncode == 0
    seen: list[tuple[int, int]] = []
    again = service.verify(copy, whole=True, on_file=lambda *both: seen.append(both))
    assert (again.differences, seen) == ((), [(1, 2), (2, 2)])
    first_line, other = kept.read_text().splitlines()
    kept.write_text(f"{first_line.replace('rain_1', 'rain_0')}\n{'0' * 64}{other[64:]}\n")
    told = service.verify(copy, whole=True).differences
    rest = ("rain/rain_2.nc holds other bytes", "rain/rain_1.nc is new")
    assert told == ("rain/rain_0.nc is gone", *rest)


def test_results_from_before_headers_were_hashed_are_verified_too(
    service: Service, result: Result, tmp_path: Path
):
    made = result.provenance
    bare = [
        {key: value for key, value in one.items() if key != "header_sha256"}
        for one in made["granules"]
    ]
    old = with_changes(result, tmp_path, provenance=made | {"granules": bare})
    assert service.verify(old).differences == ()


def test_several_operations_are_verified_each(service: Service, tmp_path: Path):
    several = service.result(service.submit("rain", "mean,max,p90", ZONES, "2019"))
    assert service.verify(several).differences == ()
    series = [one | {"further": dict(one["further"])} for one in several.json["series"]]
    series[0]["further"]["p90"] = [0.0 for _ in series[0]["value"]]
    forged = with_changes(several, tmp_path, series=series)
    found = service.verify(forged)
    assert not found.is_identical
    assert f"{series[0]['zone']['name']}: p90: " in str(found)


def test_other_numbers_are_told_with_the_first_one(service: Service, result: Result):
    folder = service.settings.data / "rain"
    stamps = {path: path.stat() for path in folder.iterdir()}
    kept = {path: path.read_bytes() for path in stamps}
    write_rain(folder, seed=8)
    found = service.verify(result)
    for path, data in kept.items():
        path.write_bytes(data)
        os.utime(path, ns=(stamps[path].st_atime_ns, stamps[path].st_mtime_ns))
    assert not found.is_identical
    text = str(found)
    assert text.startswith("not identical:\n- ")
    assert "rain_1.nc has changed" in text
    assert "triangle: 2 of 2 values differ, by" in text
    assert "2019-01-01 had" in text


def test_file_that_is_gone_is_told(service: Service, result: Result):
    path = service.settings.data / "rain" / "rain_2.nc"
    path.rename(path.with_suffix(".gone"))
    found = service.verify(result)
    path.with_suffix(".gone").rename(path)
    assert not found.is_identical
    assert "rain_2.nc is gone" in found.differences
    assert "triangle had 2 steps, and has 1 others now" in found.differences


def test_other_versions_words_and_areas_are_told(service: Service, result: Result, tmp_path: Path):
    known = result.json["provenance"]
    aged = known | {"versions": known["versions"] | {"numpy": "1.0"}}
    renamed = aged | {"dataset": known["dataset"] | {"licence": "none"}}
    found = service.verify(with_changes(result, tmp_path, provenance=renamed))
    assert found.is_identical
    assert found.differences[0].startswith("numpy was 1.0, and is ")
    assert found.differences[1] == "the catalog had licence 'none', and has 'MIT' now"
    other = Result(result.folder, Area(ZONES.zones[::-1], "turned"))
    found = service.verify(other)
    assert found.differences[0] == "the stored area is another one than was asked about"
    assert "zone triangle is box now" in found.differences


def test_what_cannot_be_computed_again_is_told(service: Service, result: Result, tmp_path: Path):
    lost = Result(result.folder, tmp_path / "nowhere.geojson")
    (said,) = service.verify(lost).differences
    assert "cannot be computed again: the shapes of the zones cannot be read" in said
    forged = result.json["request"] | {"period": "2019-01-02/2019-12-31"}
    found = service.verify(with_changes(result, tmp_path, request=forged))
    assert found.differences[0] == "the request in the JSON is not the one of its fingerprint"
