"""The members of an ensemble as one: their quantiles and mean, beside each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from csserv.errors import InvalidRequestError
from csserv.outputs.further_dimensions import column_names, dimensions_of
from csserv.outputs.xarray_pandas import to_xarray

#: quantiles that are given
SHARES = (0.1, 1 / 3, 0.5, 2 / 3, 0.9)


def ensemble_spread(
    plain: Mapping[str, Any], dimension: str | None = None, shares: Sequence[float] = SHARES
) -> xr.Dataset:
    """Return quantiles and mean over a further dimension, such as members; see ``spread``."""
    known = dimensions_of(plain)
    if not known:
        raise InvalidRequestError(
            'the result has one series a zone; ask for several members: select={"member": "*"}'
        )
    if dimension is None and len(known) > 1:
        raise InvalidRequestError(f"say over which dimension: {', '.join(known)}")
    name = dimension or next(iter(known))
    if name not in known:
        raise InvalidRequestError(f"the result has no {name!r}; it has {', '.join(known)}")
    if not (shares and all(0 <= share <= 1 for share in shares)):
        raise InvalidRequestError(f"shares are {list(shares)}; allowed are 0 to 1")
    members = to_xarray(plain)
    own = str(members.name)
    axis = members.get_axis_num(column_names(plain)[name])
    values = np.moveaxis(members.values, axis, 0)
    dims = [one for one in members.dims if one != members.dims[axis]]
    units = {"units": members.attrs.get("units", "")}
    quantiles = np.full((len(shares), *values.shape[1:]), np.nan)
    mean = np.full(values.shape[1:], np.nan)
    there = np.isfinite(values).any(axis=0)
    quantiles[:, there] = np.nanquantile(values[:, there], shares, axis=0, method="hazen")
    mean[there] = np.nanmean(values[:, there], axis=0)
    return xr.Dataset(
        {
            own: members,
            f"{own}_quantile": (("quantile", *dims), quantiles, units),
            f"{own}_mean": (dims, mean, units),
            "members_used": (dims, np.isfinite(values).sum(axis=0), {"units": "1"}),
        },
        coords={"quantile": ("quantile", list(shares), {"units": "1"})},
    )
