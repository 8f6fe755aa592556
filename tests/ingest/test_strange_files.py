from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from csserv.errors import FetchError
from csserv.ingest.replay.made_files import MadeGrid, make_file
from csserv.ingest.web.unpacking import unpacked

from .conftest import BOX, Stand
from .troubles import answered

JANUARY = "2024-01-01/2024-01-02"
FIRST = datetime(2024, 1, 1)


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        for name, content in files.items():
            packed.writestr(name.replace("SLASH", "/").replace("_tif", ".tif"), content)
    return held.getvalue()


def unpack(folder: Path, content: bytes, name: str, form: str, **how: object) -> bytes:
    path = folder / name
    path.write_bytes(content)
    return unpacked(path, form, **how).read_bytes()  # type: ignore[arg-type]


def test_gzip_and_zip_give_what_they_hold(tmp_path: Path) -> None:
    packed = gzip.compress(b"II*\0 numbers")
    assert unpack(tmp_path, packed, "a.tif.gz", "geotiff.gz") == b"II*\0 numbers"
    assert unpack(tmp_path, packed, "b.tif", "geotiff.gz") == b"II*\0 numbers"
    assert unpack(tmp_path, b"II*\0 plain", "c.tif.gz", "geotiff.gz") == b"II*\0 plain"
    one = zipped(a_tif=b"II*\0", readme=b"hello", __MACOSXSLASHa_tif=b"not this")
    assert unpack(tmp_path, one, "d.zip", "zip/geotiff") == b"II*\0"


WHOLE = gzip.compress(bytes(range(256)) * 40, mtime=0)


@pytest.mark.parametrize(
    ("content", "form", "why"),
    [
        (WHOLE[:-9], "geotiff.gz", "cannot be unpacked"),
        (WHOLE[:12], "geotiff.gz", "cannot be unpacked"),
        (WHOLE[:30] + b"\0" + WHOLE[31:], "geotiff.gz", "cannot be unpacked"),
        (WHOLE + b"more", "geotiff.gz", "cannot be unpacked"),
        (gzip.compress(b"\0" * 5_000_000), "geotiff.gz", "unpacks to more than 0.00390625 GiB"),
        (zipped(a_tif=b"1", b_tif=b"2"), "zip/geotiff", "should hold one file .* a.tif, b.tif"),
        (zipped(a_txt=b"1"), "zip/geotiff", "should hold one file ending in .tif .* holds a_txt"),
        (zipped(), "zip/geotiff", "holds nothing"),
        (zipped(a_tif=b"1" * 999)[:-40], "zip/geotiff", "cannot be unpacked"),
        (zipped(a_tif=b"\0" * 5_000_000), "zip/geotiff", "more than 0.00390625 GiB"),
        (zipped(africa20240102_tif=b"II"), "zip/geotiff", "called africa.20240101.tif.zip"),
    ],
    ids=range(11),
)
def test_what_is_damaged_or_strange_is_told_and_leaves_nothing(
    tmp_path: Path, content: bytes, form: str, why: str
) -> None:
    path = tmp_path / "one.zip"
    path.write_bytes(content)
    with pytest.raises(FetchError, match=why):
        unpacked(path, form, "africa.20240101.tif.zip", most=2**22)
    assert [one.name for one in tmp_path.iterdir()] == ["one.zip"]


def test_names_in_a_zip_lead_nowhere(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr("../../../escaped.tif", b"II*\0")
    folder = tmp_path / "deep" / "down"
    folder.mkdir(parents=True)
    assert unpack(folder, held.getvalue(), "a.zip", "zip/geotiff") == b"II*\0"
    assert not list(tmp_path.glob("*.tif"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b'{"error": "come back"}', "not usable"),
        (b"CDF\x01 cut", "not usable"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 500, "not usable"),
        (b"PK\x05\x06" + b"\0" * 18, "holds nothing"),
    ],
    ids=range(5),
)
def test_what_is_no_file_of_its_kind_keeps_its_step_only(
    stand: Stand, content: bytes, why: str
) -> None:
    first, _ = stand.publish("tamsat", JANUARY)
    stand.replay.troubles[first] = [answered(content)]
    done = stand.fetch("tamsat", "2024-01-01")
    assert [(one.start, why in one.why) for one in done.failures] == [(FIRST, True)]
    stand.check("tamsat", {datetime(2024, 1, 2): "final"})
    assert stand.fetch("tamsat").steps == 1
    stand.check("tamsat", {FIRST: "final", datetime(2024, 1, 2): "final"})
    assert not list((stand.archive("tamsat").hidden / "downloads").iterdir())


@pytest.mark.parametrize("box", [BOX, None])
def test_a_step_on_another_grid_is_refused(stand: Stand, box: object) -> None:
    """Else the archive could not be read as a whole any more."""
    name = "esi_4_week"
    product = stand.products[name]
    _, second = sorted(stand.publish(name, JANUARY))
    finer = MadeGrid(cell=0.2, rows=90, columns=100)
    held = make_file(product, "final", [datetime(2024, 1, 2)], finer)
    stand.replay.troubles[second] = [answered(held)]
    done = stand.fetch(name, "2024-01-01", box=box)
    assert "is on another grid (" in done.failures[0].why
    assert done.steps == 1
    stand.replay.troubles[second] = [answered(held)]  # and when the archive has its grid
    assert "is on another grid (" in stand.fetch(name, box=box).failures[0].why
    stand.fetch(name, box=box)
    assert len(stand.numbers(name)) == 2


def test_a_step_without_any_number_is_kept_as_missing(stand: Stand) -> None:
    name = "arc2"
    product = stand.products[name]
    (path,) = stand.publish(name, "2024-01-01")
    file = stand.replay.shelf.files[path]
    sea = replace(stand.replay.shelf.grid, west=60.0)  # where the made-up numbers are missing
    moved = make_file(product, "final", [FIRST], sea)
    stand.replay.troubles[path] = [answered(moved)]
    done = stand.fetch(name, "2024-01-01", box=replace(BOX, west=61.0, east=70.0))
    assert (done.failures, done.steps, file.starts) == ([], 1, (FIRST,))
    ((_, values),) = stand.numbers(name).items()
    assert np.isnan(values).all()
