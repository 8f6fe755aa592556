"""How precisely values are rewritten: exactly, with fewer bits, or packed into 16-bit integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.packing import Packing
from csserv.errors import GranuleError, InvalidRequestError

#: the 16-bit number that stands for missing values, and the largest one that is a value
MISSING, MOST = -32768, 32767

#: attributes that describe the old stored numbers, and so are not copied
DROPPED = ("_FillValue", "missing_value", "valid_range", "valid_min", "valid_max", "_Unsigned")


@dataclass(frozen=True)
class Recipe:
    """How much precision may be lost.

    Attributes
    ----------
    bits : bits of the mantissa that are kept, 1 to 22 (relative error at most 2^-(bits + 1)); 0
        keeps all
    precision : step of the 16-bit integers, in units of the data (absolute error at most half of
        it); 0 for no packing

    Raises
    ------
    InvalidRequestError : both are given, or one is out of range
    """

    bits: int = 0
    precision: float = 0.0

    def __post_init__(self) -> None:
        if self.bits and self.precision:
            raise InvalidRequestError("either round bits or pack, not both")
        if self.bits and not 1 <= self.bits <= 22:
            raise InvalidRequestError(f"{self.bits} bits; allowed are 1 to 22, e.g. 10")
        if self.precision < 0 or not np.isfinite(self.precision):
            raise InvalidRequestError(f"a precision of {self.precision:g}; give one above 0")

    def __str__(self) -> str:
        if self.bits:
            return f"rounded to {self.bits} bits of the mantissa"
        if self.precision:
            return f"packed into 16-bit integers of {self.precision:g}"
        return "bit for bit"

    @property
    def is_exact(self) -> bool:
        """Whether no precision is lost."""
        return not (self.bits or self.precision)

    def check(self, packing: Packing) -> None:
        """Check that the recipe suits the stored numbers.

        Raises
        ------
        InvalidRequestError : they are integers, which can be neither rounded nor packed
        """
        if not self.is_exact and packing.native.kind != "f":
            raise InvalidRequestError(
                f"the numbers are stored as {packing.native} already; only floats can be "
                "rounded or packed"
            )

    def create(
        self, group: netCDF4.Dataset, old: netCDF4.Variable[Any], packing: Packing, **how: Any
    ) -> netCDF4.Variable[Any]:
        """Create the new variable, with those attributes of the old one that still hold."""
        dropped = ("_FillValue",) if self.is_exact else DROPPED
        names = [name for name in old.ncattrs() if name not in dropped]
        if self.bits:
            how |= {"significant_digits": self.bits, "quantize_mode": "BitRound"}
        fill: Any = old.getncattr("_FillValue") if "_FillValue" in old.ncattrs() else None
        if not self.is_exact:
            fill = np.int16(MISSING) if self.precision else packing.unwritten
        dtype = np.dtype("i2" if self.precision else old.dtype).newbyteorder("=")
        new = group.createVariable(old.name, dtype, fill_value=fill, **how)
        new.setncatts({n: old.getncattr(n) for n in names})
        if self.precision:
            new.scale_factor = self.precision
            new.add_offset = packing.offset
        return new

    def largest_value(self, stored: NDArray[Any], packing: Packing) -> float:
        """Return the largest distance of values from the offset; 0 where nothing is packed."""
        if not self.precision:
            return 0.0
        missing = packing.missing(stored)
        valid = stored if missing is None else stored[~missing]
        return float(np.abs(valid).max(initial=0)) * abs(packing.scale)

    def check_range(self, most: float) -> None:
        """Check that values so far from the offset fit into 16 bits.

        Raises
        ------
        GranuleError : the precision is too fine; the message says which one would do
        """
        if self.precision and round(most / self.precision) > MOST:
            raise GranuleError(
                f"values up to {most:g} do not fit into 16 bits in steps of {self.precision:g}; "
                f"the precision must be {most / MOST:.2g} or more"
            )

    def encode(self, stored: NDArray[Any], packing: Packing) -> NDArray[Any]:
        """Turn old stored numbers into those to write; missing values stay missing."""
        if self.is_exact:
            return stored
        missing = packing.missing(stored)
        if self.bits:
            return stored if missing is None else np.where(missing, packing.unwritten, stored)
        steps = np.round(stored.astype(np.float64) * (packing.scale / self.precision))
        if missing is not None:
            steps[missing] = MISSING
        return steps.astype(np.int16)

    def is_close(
        self, stored: NDArray[Any], found: NDArray[Any], old: Packing, new: Packing
    ) -> bool:
        """Whether numbers read back differ from the old ones by no more than the recipe allows."""
        if self.is_exact:
            return stored.tobytes() == found.tobytes()
        before, after = old.values(stored), new.values(found)
        gap = np.abs(before - after)
        most = 0.5 * self.precision * (1 + 1e-6) + 1e-12 * np.abs(before)
        if self.bits:
            least = np.finfo(old.native).smallest_normal * abs(old.scale)  # below, bits are fewer
            most = np.abs(before - old.offset) * 2.0 ** -(self.bits + 1) * (1 + 1e-6) + least
        both = np.isnan(before) & np.isnan(after)
        return bool((both | (gap <= most)).all())
