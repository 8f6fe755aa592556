"""The formats of files that a result can be written as, for those who have it on this machine."""

from __future__ import annotations

from pathlib import Path

from csserv.outputs.formats.series_files import SERIES_FORMATS, SeriesFormat
from csserv.outputs.result import Result


def write_geojson(result: Result, path: Path) -> None:
    """Write GeoJSON: a feature each zone with a field each step, named by its date.

    Of several operations or members, a feature each zone and step.
    """
    wide = len(result.operations) == 1 and "dimensions" not in result.json
    frame = result.to_geodataframe(wide=wide)
    texts = {name: str(name) for name in frame.columns if name != frame.geometry.name}
    frame.rename(columns=texts).to_file(path, driver="GeoJSON", engine="pyogrio", index=False)


#: name → format
FILE_FORMATS = SERIES_FORMATS | {
    "geojson": SeriesFormat(".geojson", "application/geo+json", write_geojson)
}
