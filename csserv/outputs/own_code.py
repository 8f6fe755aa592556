"""The hash of the code that computes, by which processes see whether they run the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

#: folders of the package that have a part in a result, beside the modules at its top
COMPUTING_FOLDERS = (
    *("catalog", "climatology", "ingest", "language", "logs", "machine", "outputs"),
    *("request", "tasks", "units", "zonal"),
)


def hash_code(package: Path) -> str:
    """Return the SHA-256 of the sources that have a part in a result, and of their names.

    Parameters
    ----------
    package : folder of csserv
    """
    found = hashlib.sha256()
    every = [*package.glob("*.py")]
    for folder in COMPUTING_FOLDERS:
        every += [*(package / folder).rglob("*.py"), *(package / folder).rglob("*.json")]
    for path in sorted(every):
        text = path.read_bytes()
        found.update(f"{path.relative_to(package).as_posix()} {len(text)}\n".encode() + text)
    return found.hexdigest()


#: of this process; read with the code itself, for the files may be of another release later
OWN_CODE = hash_code(Path(__file__).parent.parent)
