"""Real sample data: two files of the package iris-sample-data, copied into the data folder."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from csserv.catalog.catalog import TABLE
from csserv.catalog.row_fields import Row
from csserv.catalog.toml_table import put_rows
from csserv.machine.written_whole import written_whole

#: file of the package → file below the data folder
FILES = {
    "ostia_monthly.nc": "ostia/ostia_monthly.nc",
    "A1B_north_america.nc": "a1b/A1B_north_america.nc",
}


ROWS: dict[str, Row] = {
    "ostia": {
        "title": "OSTIA sea-surface temperature, tropics, monthly",
        "variable": "surface_temperature",
        "files": "ostia/*.nc",
        "units": "K",
        "time_step": "month",
        "region": "tropics",
        "source": "Met Office OSTIA, in the package iris-sample-data",
        "licence": "Open Government Licence 3.0",
        "citation": "Donlon, C.J. et al. (2012): The Operational Sea Surface Temperature and Sea "
        "Ice Analysis (OSTIA) system. Remote Sensing of Environment 116, 140-158.",
    },
    "a1b": {
        "title": "Air temperature, North America, yearly, HadGEM scenario A1B",
        "variable": "air_temperature",
        "files": "a1b/*.nc",
        "units": "K",
        "time_step": "year",
        "region": "North America",
        "source": "Met Office Hadley Centre, ENSEMBLES A1B, in the package iris-sample-data",
        "licence": "Open Government Licence 3.0",
        "citation": "Johns, T.C. et al. (2011): Climate change under aggressive mitigation: the "
        "ENSEMBLES multi-model experiment. Climate Dynamics 37, 1975-2003.",
    },
}


def copy_real_samples(data: Path) -> list[Path]:
    """Copy the files that are not there yet, and add their rows to the data folder's table.

    Nothing is copied if the package (extra ``samples``) is not installed.

    Returns
    -------
    paths of the real sample files that are there now
    """
    package = importlib.util.find_spec("iris_sample_data")
    for name, place in FILES.items():
        target = data / place
        if package and package.origin and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(target, synced=False) as draft:
                shutil.copyfile(Path(package.origin).parent / "sample_data" / name, draft)
    there = [data / place for place in FILES.values() if (data / place).exists()]
    put_rows(data / TABLE, {name: ROWS[name] for name in (path.parent.name for path in there)})
    return there
