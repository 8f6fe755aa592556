"""Which files of the data folder are meant: by a pattern, a folder, a path or an address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from csserv.catalog.listing import WILD, list_files
from csserv.catalog.read.file_kinds import PACKED, what_it_is
from csserv.catalog.read.other_formats.data_formats import FORMATS, format_of
from csserv.catalog.read.other_formats.zarr_dataset import is_zarr
from csserv.catalog.row_fields import OR
from csserv.errors import EmptySelectionError, GranuleError, InvalidRequestError

#: endings of names that are spelt in several ways
SPELT = {".tiff": ".tif", ".tiff.gz": ".tif.gz", ".nc4": ".nc"}

#: what can be read, in words
NAMES = " or ".join(one.name for one in FORMATS)


def find_pattern(data: Path, name: str, given: str) -> str:
    """Turn what was given for the files of a dataset into a pattern below the data folder.

    Parameters
    ----------
    name : of the dataset, for advice
    given : a pattern, a file or a folder: below the data folder, absolute, or below the folder
        that the program was started in; of a folder, all files of data in it are meant

    Raises
    ------
    InvalidRequestError : an address, a path elsewhere, a folder of several kinds of files
    EmptySelectionError : no such file
    GranuleError : none that can be read
    """
    if "://" in given:
        raise InvalidRequestError(_of_address(data, name, given))
    if not given.strip(" ./") or ".." in Path(given).parts:
        raise InvalidRequestError(f"{given!r} is no pattern of files, such as '{name}/*.nc'")
    below = _below(data, name, given)
    place = data / below
    if place.is_dir() and not is_zarr(place):
        # a folder may be called like a pattern
        return OR.join(f"{escape(below)}/{one}" for one in _all_of(place))
    if not list_files(data, below):
        raise EmptySelectionError(
            f"no file in the data folder is called {below}, nor any below {Path.cwd()}; put or "
            f"link the files into {data / name}, and give '{name}/*.nc'"
        )
    return below


@contextmanager
def linked(data: Path, name: str, given: str) -> Iterator[str]:
    """Link as ``link_into`` does, for as long as all goes well: else the link is removed again."""
    target = data / name
    was_there = target.is_symlink()
    files = link_into(data, name, given)
    try:
        yield files
    except BaseException:
        if target.is_symlink() and not was_there:
            target.unlink()
        raise


def link_into(data: Path, name: str, given: str) -> str:
    """Link what lies elsewhere into the data folder, as the dataset's folder; return what it is.

    What lies in the data folder already stays as it was given.

    Raises
    ------
    InvalidRequestError : there is something of that name already, or nothing there
    """
    path = Path(given).expanduser().absolute()
    known = not Path(given).is_absolute() and _is_there(data, Path(given))
    if known or _resolved(path).is_relative_to(data.resolve()):
        return given
    source = path if path.is_dir() else path.parent
    inner = "" if path.is_dir() else path.name
    if not source.is_dir():
        raise InvalidRequestError(f"there is no folder {source}")
    target = data / name
    if target.is_symlink() and target.resolve() == source.resolve():
        return f"{name}/{inner}".rstrip("/")
    if target.exists() or target.is_symlink():
        raise InvalidRequestError(
            f"{target} is there already, so that {source} cannot be linked there; put the files "
            "into it, or choose another name"
        )
    data.mkdir(parents=True, exist_ok=True)
    target.symlink_to(source.resolve(), target_is_directory=True)
    return f"{name}/{inner}".rstrip("/")


def _of_address(data: Path, name: str, given: str) -> str:
    target = data / name
    if given.endswith((".nc", ".nc4", ".h5")) and "/dods" not in given.casefold():
        fetch = f"mkdir -p {target} && curl -L --remote-name --output-dir {target} '{given}'"
    else:
        fetch = f"mkdir -p {target} && nccopy '{given}' {target}/{name}.nc"
    return (
        f"{given} is an address, and csserv reads files of this machine; fetch it first, such as "
        f"with: {fetch}"
    )


def _below(data: Path, name: str, given: str) -> str:
    """Say where it is below the data folder."""
    path = Path(given).expanduser()
    if not path.is_absolute():
        here = Path.cwd() / path
        if _is_there(data, path) or not _is_there(Path.cwd(), path):
            return path.as_posix()
        path = here
    for one, folder in ((path, data), (_resolved(path), data.resolve())):
        if one.is_relative_to(folder) and one != folder:
            return one.relative_to(folder).as_posix()
    outer = next(p for p in (path, *path.parents) if not any(w in p.name for w in WILD))
    source = outer if outer.is_dir() else outer.parent
    raise InvalidRequestError(
        f"{given} does not lie below the data folder, {data}; link it there with --link, or: "
        f"ln -s {source} {data / name}; then give '{name}/*.nc'"
    )


def _is_there(folder: Path, pattern: Path) -> bool:
    return (folder / pattern).exists() or bool(list_files(folder, pattern.as_posix()))


def _resolved(path: Path) -> Path:
    """Follow the links of the folders of a pattern."""
    wild = [part for part in path.parts if any(letter in part for letter in WILD)]
    first = path.parts.index(wild[0]) if wild else len(path.parts)
    return Path(*path.parts[:first]).resolve().joinpath(*path.parts[first:])


def _ending(path: Path) -> str:
    """Return how the name of a file ends, with what is packed in it."""
    packed = path.suffix in PACKED and Path(path.stem).suffix in (".tif", ".tiff")
    return "".join(path.suffixes[-2:]) if packed else path.suffix


def _all_of(folder: Path) -> list[str]:
    """Return patterns of all files of data of a folder, or of those below it."""
    stores = [path for path in list_files(folder, "*") if is_zarr(path)]
    if stores and len({path.suffix for path in stores}) == 1:
        return [f"*{stores[0].suffix}"]
    inner = [path for path in list_files(folder, "**/*") if not path.is_dir()]
    if not inner:
        raise EmptySelectionError(f"{folder} has no files in it")
    found = [path for path in inner if format_of(path)]
    if not found:
        said = what_it_is(inner[0], "")
        raise GranuleError(f"no file in {folder} is {NAMES}; {inner[0].name} is {said}")
    endings = sorted({_ending(path) for path in found})
    if len({SPELT.get(one.casefold(), one.casefold()) for one in endings}) > 1:
        raise InvalidRequestError(
            f"the files in {folder} end in {', '.join(endings)}; say which are meant, such as "
            f"'{folder.name}/*{endings[0]}'"
        )
    deep = any(path.parent != folder for path in found)
    return [f"**/*{one}" if deep else f"*{one}" for one in endings]
