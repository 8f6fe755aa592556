"""Moves folded files that a disk has damaged out of the way, so that their steps come anew."""

from __future__ import annotations

import logging
from pathlib import Path

from csserv.errors import GranuleError, SilentFileError, StaleGranuleError
from csserv.ingest.stored.fetched_archive import Archive

logger = logging.getLogger(__name__)


def move_damaged(archive: Archive) -> list[Path]:
    """Move the folded files that cannot be read into the hidden folder; files of steps stay.

    Those are written over when their step comes. Files of other hands stay, too.

    Returns
    -------
    where they are now
    """
    spans = {f"{one:{part}}" for one in archive.ledger.latest() for part in ("%Y", "%Y%m")}
    found = [path for span in sorted(spans) if (path := archive.path(span)).exists()]
    return [_moved(archive, path) for path in found if _is_damaged(archive, path)]


def _is_damaged(archive: Archive, path: Path) -> bool:
    """Whether the bytes of a file can be read, and are no data."""
    try:
        with path.open("rb") as file:
            file.read(1)
        archive.entry.granule(path).header()
    except (SilentFileError, StaleGranuleError, OSError):
        return False
    except GranuleError:
        return True
    return False


def _moved(archive: Archive, path: Path) -> Path:
    target = archive.hidden / "damaged" / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)
    logger.warning("%s is damaged; it is in %s now, and its steps are fetched anew", path, target)
    return target
