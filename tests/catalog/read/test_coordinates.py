"""Values of coordinates are those that the netCDF library gives, missing ones too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

from csserv.catalog.read.coordinates import values_of


@pytest.mark.parametrize("dtype", ["f8", "f4", ">f4", "i4", "i2", "u1"])
@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"_FillValue": 3},
        {"missing_value": 3},
        {"scale_factor": 0.5},
        {"add_offset": 10.0},
        {"valid_max": 2},
    ],
)
@pytest.mark.parametrize("is_written", [True, False])
def test_they_are_what_the_library_gives(
    tmp_path: Path, dtype: str, attributes: dict[str, Any], is_written: bool
):
    given = {
        name: np.array(one, dtype[-2:]) if isinstance(one, int) else one
        for name, one in attributes.items()
    }
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as file:
        file.createDimension("x", 5)
        fill = given.pop("_FillValue", None)
        endian = "big" if dtype[0] == ">" else "native"
        one = file.createVariable("x", dtype, ("x",), fill_value=fill, endian=endian)
        one.setncatts(given)
        one.set_auto_maskandscale(False)
        one[: 5 if is_written else 3] = np.arange(1, 6 if is_written else 4)
    with netCDF4.Dataset(tmp_path / "a.nc") as file:
        wanted = np.ma.asarray(file["x"][:])
        for _ in range(2):  # the variable is left as it was
            found = np.ma.asarray(values_of(file["x"]))
            assert np.ma.getmaskarray(found).tolist() == np.ma.getmaskarray(wanted).tolist()
            assert found.filled(0).tolist() == wanted.filled(0).tolist()
            assert np.ma.asarray(file["x"][:]).filled(0).tolist() == wanted.filled(0).tolist()
