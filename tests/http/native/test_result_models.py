"""The OpenAPI document describes what a result against what is normal has."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from csserv.climatology.normals import STATISTICS
from csserv.http.native.openapi import document
from csserv.http.native.result_models import ResultModel, SeriesModel
from tests.outputs.compared import series_of, write_result


def test_statistics_of_a_series_are_described(tmp_path: Path):
    values = np.random.default_rng(4).gamma(1, 20, (12 * 35, 2))
    values[12 * 5 :, 1] = np.nan
    plain = write_result(tmp_path, series_of(values, range(2025, 2026))).json
    read = ResultModel.model_validate(plain)
    assert read.against is not None
    assert [one.name for one in read.against.statistics] == [one.name for one in STATISTICS]
    assert (read.against.reference, read.against.window_days) == ("1991/2020", None)
    for one, series in zip(read.series, plain["series"], strict=True):
        assert one.against == series["against"]
        assert set(series) <= set(SeriesModel.model_fields)
    dumped = read.against.model_dump(exclude_unset=True)
    assert dumped == plain["against"]
    described = document()["components"]["schemas"]["ReferenceModel"]["properties"]
    assert {"reference", "own_year", "window_days", "percentiles"} < set(described)
