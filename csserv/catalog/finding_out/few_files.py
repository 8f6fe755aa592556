"""A few files that stand for all of a dataset, where reading every one would take too long."""

from __future__ import annotations

from contextlib import suppress

from csserv.catalog.entry import CatalogEntry
from csserv.catalog.listing import list_files
from csserv.catalog.plausibility.value_checks import check_values
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.errors import GranuleError, InvalidRequestError

#: files at most, besides the first and the last
MOST = 4


def check_few_files(entry: CatalogEntry) -> list[str]:
    """Check cells of a few files of a dataset for values that are probably read wrongly.

    Returns
    -------
    what was found, each once; of another file than the first, with its name

    Raises
    ------
    InvalidRequestError : no cell has a value the way the first file is read; says how to go on
    GranuleError : no file can be read
    """
    first = first_of(entry)
    found = check_values(first, entry.select)
    if fatal := [one for one in found if one.is_fatal]:
        raise InvalidRequestError(f"{first.path.name} cannot be used so: {fatal[0]}")
    texts = [str(one) for one in found]
    remedies = {one.remedy for one in found}
    for granule in few_of(entry):
        with suppress(GranuleError):  # it is told where its days are asked for
            more = [one for one in check_values(granule, entry.select) if not one.is_fatal]
            texts += [f"{granule.path.name}: {one}" for one in more if one.remedy not in remedies]
            remedies |= {one.remedy for one in more}
    return texts


def first_of(entry: CatalogEntry) -> Granule:
    """Return the first file that can be read.

    Raises
    ------
    GranuleError : none can; says why not the first
    """
    trouble: GranuleError | None = None
    for path in list_files(entry.data, entry.files):
        granule = entry.granule(path)
        try:
            granule.header()
        except GranuleError as error:
            trouble = trouble or error
        else:
            return granule
    raise trouble or GranuleError(f"{entry.name} has no files")


def few_of(entry: CatalogEntry) -> list[Granule]:
    """Return the first and the last file, and the first of each way to store numbers, by time.

    Files of one archive may say differently what is missing, or not at all.

    Raises
    ------
    GranuleError : none can be read
    """
    files = entry.timeline().granules
    kinds = dict[object, Granule]()
    for granule, header in files:
        kinds.setdefault(_kind(header), granule)
    chosen = (files[0][0], *list(kinds.values())[: MOST + 1], files[-1][0])
    return list({one.path: one for one in chosen}.values())


def _kind(header: Header) -> object:
    packing = header.layout.packing
    return packing.dtype, packing.marks, header.fill is None, packing.scale, packing.offset
