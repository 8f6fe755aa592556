"""Takes the file of data out of what a provider packs it in: gzip or ZIP."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from pathlib import Path
from typing import IO

from csserv.errors import DiskFullError, FetchError

#: most bytes that a file may have when it is unpacked; a day of the globe at 250 m has 4 GB
LARGEST = 16 * 2**30

#: bytes that are unpacked at once
PART = 2**20

#: what the libraries say of damaged files
DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError)

#: first bytes
GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")

#: form of files → endings of their names
ENDINGS = {
    "geotiff": (".tif", ".tiff"),
    "netcdf": (".nc", ".nc4", ".cdf"),
    "hdf5": (".h5", ".hdf5", ".he5", ".hdf", ".nc4"),
    "grib": (".grib", ".grib2", ".grb", ".grb2"),
}


def unpacked(path: Path, form: str, name: str = "", most: int = LARGEST) -> Path:
    """Unpack a file beside itself; one that is not packed, as its first bytes say, stays as it is.

    Parameters
    ----------
    form : what it holds, such as "geotiff", "geotiff.gz" or "zip/geotiff"
    name : that the provider gives it; what it holds may not be called by another date
    most : bytes that it may have

    Raises
    ------
    FetchError : it is damaged, too large, or holds no file of its kind, or several
    DiskFullError : no room
    """
    with path.open("rb") as file:
        begin = file.read(4)
    if begin.startswith(GZIP):
        target = path.with_suffix("") if path.suffix == ".gz" else path.with_name(f"{path.name}.un")
        with gzip.open(path) as packed:
            return _copy(packed, target, most)
    if begin.startswith(ZIP):
        return _from_zip(path, form.rpartition("/")[2].partition(".")[0], name, most)
    return path


def _from_zip(path: Path, form: str, name: str, most: int) -> Path:
    endings = ENDINGS.get(form, ())
    try:
        with zipfile.ZipFile(path) as packed:
            inner = _only(packed, endings)
            _check_date(inner.filename, name)
            # its own name is not used, as it may lead anywhere
            target = path.with_name(path.name.removesuffix(".zip") + endings[0])
            with packed.open(inner) as file:
                return _copy(file, target, most)
    except DAMAGED as error:
        raise FetchError(f"it cannot be unpacked: {error}") from None


def _only(packed: zipfile.ZipFile, endings: tuple[str, ...]) -> zipfile.ZipInfo:
    """Return the one file of its kind, without those that macOS adds."""
    found = [one for one in packed.infolist() if one.filename.lower().endswith(endings)]
    found = [one for one in found if not one.filename.startswith("__MACOSX/")]
    if len(found) != 1:
        names = ", ".join(one.filename for one in packed.infolist()[:5]) or "nothing"
        raise FetchError(
            f"its ZIP should hold one file ending in {' or '.join(endings)}; it holds {names}"
        )
    return found[0]


def _check_date(inner: str, name: str) -> None:
    """See that the digits of a name are those of its ZIP, if it has as many."""
    own, of_zip = ("".join(re.findall(r"\d", one.rpartition("/")[2])) for one in (inner, name))
    if len(own) == len(of_zip) and own != of_zip:
        raise FetchError(f"its ZIP is called {name}, and holds {inner}")


def _copy(packed: IO[bytes] | gzip.GzipFile, target: Path, most: int) -> Path:
    size = 0
    try:
        with target.open("wb") as file:
            while part := _read(packed):
                size += len(part)
                if size > most:
                    raise FetchError(f"it unpacks to more than {most / 2**30:g} GiB")
                file.write(part)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise DiskFullError(f"cannot write {target}: {error.strerror}") from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target


def _read(packed: IO[bytes] | gzip.GzipFile) -> bytes:
    try:
        return packed.read(PART)
    except DAMAGED as error:
        raise FetchError(f"it cannot be unpacked: {error}") from None
