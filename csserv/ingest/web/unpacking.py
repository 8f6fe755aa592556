"""Takes the file of data out of what a provider packs it in: gzip or ZIP."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import IO

from csserv.errors import FetchError

#: most bytes that a file may have when it is unpacked; a day of the globe at 250 m has 4 GB
LARGEST = 16 * 2**30

#: bytes that are unpacked at once
PART = 2**20

#: first bytes
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"

#: form of files → endings of their names
ENDINGS = {
    "geotiff": (".tif", ".tiff"),
    "netcdf": (".nc", ".nc4", ".cdf"),
    "hdf5": (".h5", ".hdf5", ".he5", ".hdf", ".nc4"),
    "grib": (".grib", ".grib2", ".grb", ".grb2"),
}


def unpacked(path: Path, form: str) -> Path:
    """Unpack a file beside itself; one that is not packed, as its first bytes say, stays as it is.

    Parameters
    ----------
    form : what it holds, such as "geotiff", "geotiff.gz" or "zip/geotiff"

    Raises
    ------
    FetchError : it is damaged, too large, or holds no file of its kind, or several
    """
    with path.open("rb") as file:
        begin = file.read(4)
    try:
        if begin.startswith(GZIP):
            plain = path.name.removesuffix(".gz")
            with gzip.open(path) as packed:
                return _copy(packed, path.with_name(plain if plain != path.name else f"{plain}.1"))
        if begin.startswith(ZIP):
            return _from_zip(path, form.rpartition("/")[2].partition(".")[0])
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise FetchError(f"it cannot be unpacked: {error}") from None
    return path


def _from_zip(path: Path, form: str) -> Path:
    endings = ENDINGS.get(form, ())
    with zipfile.ZipFile(path) as packed:
        found = [one for one in packed.infolist() if one.filename.lower().endswith(endings)]
        if len(found) != 1:
            names = ", ".join(one.filename for one in packed.infolist()[:5]) or "nothing"
            raise FetchError(
                f"its ZIP should hold one file ending in {' or '.join(endings)}; it holds {names}"
            )
        target = path.with_name(path.name.removesuffix(".zip") + endings[0])
        with packed.open(found[0]) as inner:
            return _copy(inner, target)


def _copy(packed: IO[bytes] | gzip.GzipFile, target: Path) -> Path:
    size = 0
    with target.open("wb") as file:
        while part := packed.read(PART):
            size += len(part)
            if size > LARGEST:
                target.unlink()
                raise FetchError(f"it unpacks to more than {LARGEST // 2**30} GiB")
            file.write(part)
    return target
