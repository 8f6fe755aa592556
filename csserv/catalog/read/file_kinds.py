"""What a file is that is no NetCDF, by its first bytes; and what to do with it."""

from __future__ import annotations

import errno
import re
import shlex
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from csserv.catalog.read.whole_files import CLASSIC, HDF5, cut_short

#: how much of a file is looked at [bytes]
HEAD = 4096

#: how files begin that the netCDF library reads
SIGNS = (HDF5, *CLASSIC)

#: endings of what is packed
PACKED = (".gz", ".Z", ".bz2", ".xz", ".zst")

#: files that a folder of Zarr has at its top
ZARR = ("zarr.json", ".zgroup", ".zarray", ".zmetadata")


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes
    ----------
    starts : any of these at ``offset``
    words : what such a file is
    advice : what to do with it; ``{file}`` is its name, ``{new}`` that of a NetCDF file,
        ``{bare}`` that of what is packed in it
    """

    starts: tuple[bytes, ...]
    words: str
    advice: str
    offset: int = 0

    def has(self, head: bytes) -> bool:
        """Whether a file that begins so is of this kind."""
        return head[self.offset :].startswith(self.starts)


_CDO = "convert it: cdo -f nc4 copy {file} {new}"
_GDAL = "convert it: gdal_translate -of netCDF {file} {new}"
AGAIN = "fetch it again"
_PICTURE = "fetch the numbers behind it"

KINDS = (
    Kind((b"GRIB",), "a GRIB file", "`csserv datasets add` converts it"),
    Kind((b"BUFR",), "a BUFR file, observations of stations", "grid them first"),
    Kind((b"\x0e\x03\x13\x01",), "an HDF4 file", "convert it: h4tonccf_nc4 {file} {new}"),
    Kind((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "a TIFF that is damaged", AGAIN),
    Kind((b"<VRTDataset",), "a virtual file of GDAL, which names others", "give those instead"),
    Kind((b"\0\0\0\x0cjP  ",), "a JPEG 2000 picture", _GDAL),
    Kind((b"\x1f\x8b",), "packed with gzip", "unpack it: gunzip -c {file} > {bare}"),
    Kind((b"\x1f\x9d",), "packed with compress", "unpack it: gunzip -c {file} > {bare}"),
    Kind((b"BZh",), "packed with bzip2", "unpack it: bunzip2 -c {file} > {bare}"),
    Kind((b"\xfd7zXZ\0",), "packed with xz", "unpack it: unxz -c {file} > {bare}"),
    Kind((b"\x28\xb5\x2f\xfd",), "packed with zstd", "unpack it: unzstd -c {file} > {bare}"),
    Kind((b"PK\x03\x04", b"PK\x05\x06"), "a ZIP archive", "unpack it: unzip {file}"),
    Kind((b"7z\xbc\xaf\x27\x1c",), "a 7z archive", "unpack it: 7z x {file}"),
    Kind((b"Rar!",), "a RAR archive", "unpack it: unrar x {file}"),
    Kind((b"ustar",), "a tar archive", "unpack it: tar xf {file}", offset=257),
    Kind((b"%PDF",), "a PDF document", _PICTURE),
    Kind((b"\x89PNG", b"GIF8", b"\xff\xd8\xff"), "a picture", _PICTURE),
    Kind((b"version https://git-lfs",), "a pointer of Git LFS", "fetch the file: git lfs pull"),
    Kind((b"/annex/objects/", b"../.git/annex/"), "a pointer of git-annex", "git annex get {file}"),
    Kind((b"SQLite format 3\0",), "an SQLite database, such as a GeoPackage", _GDAL),
    Kind((b"PAR1",), "a Parquet table", "write its numbers as a grid: xarray's to_netcdf"),
    Kind((b"\x93NUMPY",), "a NumPy array", "write it with its axes: xarray's to_netcdf"),
    Kind((b"MATLAB 5.0",), "a MATLAB file", "write its numbers as NetCDF: nccreate, ncwrite"),
    Kind((b"ncols", b"NCOLS"), "an ASCII grid", _GDAL),
    Kind((b"DSET ", b"dset "), "a control file of GrADS", _CDO.replace("copy", "import_binary")),
)


def what_it_is(path: Path, why: str) -> str:
    """Say what a file is that the netCDF library does not open, and what to do.

    Parameters
    ----------
    why : what the library says

    Returns
    -------
    words that follow "it is"
    """
    if path.is_dir():
        return _folder(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        return f"not to be opened ({error.strerror})"
    if not head:
        return f"empty (0 bytes): it was not written, or not copied; {AGAIN}"
    if not head.strip(b"\0"):
        return f"full of zeros at its beginning: it was not copied whole; {AGAIN}"
    if any(sign.startswith(head) for sign in SIGNS):
        return f"cut short: {len(head)} bytes are there; {AGAIN}"
    if head.startswith(SIGNS):
        return cut_short(path) or f"damaged, or was not copied whole ({why})"
    if found := _kind_of(head):
        names = {"file": path.name, "new": _converted(path), "bare": _unpacked(path)}
        advice = found.advice.format(**{key: shlex.quote(name) for key, name in names.items()})
        is_data = found.words.startswith("packed") or found.words.endswith("damaged")
        other = "" if is_data else ", not NetCDF"
        return f"{found.words}{_inside(path, head)}{other}; {advice}"
    return _text(head) or f"of no kind that is known here: it begins with {head[:8]!r} ({why})"


def _kind_of(head: bytes) -> Kind | None:
    return next((kind for kind in KINDS if kind.has(head)), None)


def _converted(path: Path) -> str:
    """Name a NetCDF file that is to be made of a file."""
    return f"{path.stem}.nc" if path.suffix != ".nc" else f"{path.stem}_converted.nc"


def _unpacked(path: Path) -> str:
    """Name what is to be unpacked from a file."""
    return path.stem if path.suffix in PACKED else f"{path.stem}_unpacked{path.suffix}"


def _folder(path: Path) -> str:
    if any((path / name).exists() for name in ZARR):
        return f"a Zarr store that is damaged; {AGAIN}"
    return f"a folder; give a pattern of the files in it, such as '{path.name}/*.nc'"


def _inside(path: Path, head: bytes) -> str:
    """Say what is in what is packed."""
    if head.startswith(b"PK"):
        with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
            names = [one for one in archive.namelist() if not one.endswith("/")]
            more = ", ..." if len(names) > 1 else ""
            return f" with {names[0]}{more}" if names else " with nothing in it"
    if head.startswith(b"\x1f\x8b"):
        with suppress(zlib.error):
            inner = zlib.decompressobj(wbits=31).decompress(head, HEAD)
            is_netcdf = inner.startswith(SIGNS)
            kind = _kind_of(inner)
            return " (in it, NetCDF)" if is_netcdf else f" (in it, {kind.words})" if kind else ""
    return ""


def _text(head: bytes) -> str:
    """Say what text it is; nothing where it is none."""
    how = "strict" if len(head) < HEAD else "ignore"  # a letter may be cut in two
    try:
        text = head.decode("utf-8", how).strip("\ufeff \r\n\t")
    except UnicodeDecodeError:
        return ""
    low = text.casefold()
    if low.startswith(("<!doctype html", "<html")) or "<html" in low[:500]:
        title = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
        named = f" ({' '.join(title[1].split())})" if title and title[1].strip() else ""
        login = "earthdata" in low or "login" in low or "log in" in low or "sign in" in low
        said = "a web page that asks to sign in" if login else "a web page"
        return f"{said}{named}, not data; {'sign in, and ' * login}{AGAIN}"
    if low.startswith("<"):
        return f"XML, such as an error of a server, not data; look into it, and {AGAIN}"
    if low.startswith(("{", "[")):
        return f"JSON, such as an error of a server, not data; look into it, and {AGAIN}"
    if all(letter.isprintable() or letter in "\r\n\t\f" for letter in text):
        first = text.splitlines()[0][:60]
        return f"text, not NetCDF; it begins with {first!r}"
    return ""


def why_out_of_reach(path: Path, error: OSError) -> str:
    """Say why the system does not reach a file: a link that leads nowhere, or its own words."""
    with suppress(OSError):
        if path.is_symlink() and error.errno in (errno.ENOENT, errno.ELOOP):
            way = "in a circle" if error.errno == errno.ELOOP else "to no file"
            return f"it is a link to {path.readlink()}, which leads {way}; mend it or remove it"
    return f"{error.strerror}"


def is_netcdf(path: Path) -> bool:
    """Whether a file begins as NetCDF or HDF5 does."""
    try:
        with path.open("rb") as file:
            return file.read(8).startswith(SIGNS)
    except OSError:
        return False
