"""Real sample data: two files of the package iris-sample-data, put where the catalog looks."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

#: file of the package → file below the data folder
FILES = {
    "ostia_monthly.nc": "ostia/ostia_monthly.nc",
    "A1B_north_america.nc": "a1b/A1B_north_america.nc",
}


def copy_real_samples(data: Path) -> list[Path]:
    """Copy the files that are not there yet; return those that are there now.

    Without the package (extra ``samples``) nothing is copied.
    """
    package = importlib.util.find_spec("iris_sample_data")
    for name, place in FILES.items():
        target = data / place
        if package and package.origin and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_suffix(".tmp")
            shutil.copyfile(Path(package.origin).parent / "sample_data" / name, draft)
            draft.replace(target)
    return [data / place for place in FILES.values() if (data / place).exists()]
