"""Which GRIB files are meant, and what they become."""

from __future__ import annotations

from pathlib import Path

from csserv.catalog.listing import list_files
from csserv.errors import InvalidRequestError

SIGN = b"GRIB"


def find_grib(data: Path, given: str) -> list[Path]:
    """List the GRIB files of a folder, a pattern or a path: below the data folder, or elsewhere.

    Nothing where other files are meant, or some that are no GRIB are among them.
    """
    for root in (data, Path.cwd()):
        path = root / Path(given).expanduser()
        files = _files(path)
        if files:
            kinds = {_is_grib(one) for one in files}
            return files if kinds == {True} else _all_grib(path, files)
    return []


def targets_of(files: list[Path], folder: Path) -> dict[Path, Path]:
    """Name the NetCDF file that each becomes.

    Raises
    ------
    InvalidRequestError : two would have the same name
    """
    found = {one: folder / f"{one.stem}.nc" for one in files}
    if len(set(found.values())) < len(found):
        raise InvalidRequestError(
            "some GRIB files have the same name but for its ending; rename them, as each becomes a "
            "NetCDF file of its name"
        )
    return found


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return [one for one in list_files(path, "**/*") if one.is_file()]
    return [one for one in list_files(path.parent, path.name) if one.is_file()]


def _all_grib(path: Path, files: list[Path]) -> list[Path]:
    """Return the GRIB files of a folder that holds no other data: texts, or indices of GRIB."""
    grib = [one for one in files if _is_grib(one)]
    made = {one.with_suffix(".nc") for one in grib}
    rest = [one for one in files if one not in grib and one not in made]
    is_data = any(one.suffix in (".nc", ".nc4", ".h5", ".tif", ".tiff") for one in rest)
    return grib if path.is_dir() and not is_data else []


def _is_grib(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == SIGN
    except OSError:
        return False
