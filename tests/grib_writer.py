"""A program of its own that writes GRIB: eccodes and netCDF4 abort together in one process.

``python grib_writer.py FILE ARRAYS`` takes, of a file of NumPy, ``values`` (message, lat, lon),
``lat``, ``lon`` and, a message each, ``date``, ``hour``, ``step``, ``name``, ``level``, ``member``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

MISSING = 9999.0


def write_grib(path: Path, values: np.ndarray, lat: Any, lon: Any, **each: Any) -> Path:
    """Write a message for each of the values, by another process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.npz"
        np.savez(given, values=values, lat=lat, lon=lon, **each)
        subprocess.run([sys.executable, "-P", __file__, str(path), str(given)], check=True)
    return path


def main(path: str, arrays: str) -> None:
    import eccodes

    given = np.load(arrays)
    lat, lon = given["lat"], given["lon"]
    places = {
        "Ni": len(lon),
        "Nj": len(lat),
        "latitudeOfFirstGridPointInDegrees": float(lat[0]),
        "latitudeOfLastGridPointInDegrees": float(lat[-1]),
        "longitudeOfFirstGridPointInDegrees": float(lon[0]),
        "longitudeOfLastGridPointInDegrees": float(lon[-1]),
        "iDirectionIncrementInDegrees": float(lon[1] - lon[0]),
        "jDirectionIncrementInDegrees": float(abs(lat[1] - lat[0])),
        "jScansPositively": int(lat[1] > lat[0]),
        "bitsPerValue": 24,
        "bitmapPresent": 1,
        "missingValue": MISSING,
    }
    with open(path, "wb") as file:  # noqa: PTH123
        for number, field in enumerate(given["values"]):
            one = {key: given[key][number].item() for key in given.files if key not in NOT_EACH}
            handle = eccodes.codes_grib_new_from_samples(_sample(one))
            for key, value in (places | _keys(one)).items():
                eccodes.codes_set(handle, key, value)
            stored = np.where(np.isnan(field), MISSING, field)
            eccodes.codes_set_values(handle, stored.ravel().astype(float))
            eccodes.codes_write(handle, file)
            eccodes.codes_release(handle)


NOT_EACH = ("values", "lat", "lon")


def _sample(one: dict[str, Any]) -> str:
    return f"regular_ll_{'pl' if 'level' in one else 'sfc'}_grib{one.get('edition', 2)}"


def _keys(one: dict[str, Any]) -> dict[str, Any]:
    found = {"dataDate": one["date"], "dataTime": one.get("hour", 0) * 100}
    if "member" in one:
        found |= {"productDefinitionTemplateNumber": 1}
        found |= {"numberOfForecastsInEnsemble": 9, "perturbationNumber": one["member"]}
    if "level" in one:
        found["level"] = one["level"]
    return found | {"shortName": one.get("name", "2t"), "stepRange": str(one.get("step", 0))}


if __name__ == "__main__":
    main(*sys.argv[1:])
