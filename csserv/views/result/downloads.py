"""Buttons to download the files of a result, by the HTTP API or through the page."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.language import ENGLISH, current_language, local_number, tr
from csserv.outputs import Result
from csserv.outputs.formats.series_files import SERIES_FORMATS
from csserv.views.charts.chart_figure import FIGURE_NAME
from csserv.views.maps.export_frames import export_zip
from csserv.views.parts.escaping import escaped
from csserv.views.result.loaded_result import LoadedResult

#: largest file sent without an API, as it blocks the connection of the page [bytes]
LARGEST_FILE = 100 * 2**20

#: format of a result → label of its button
LABELS = {"csv": "CSV", "xlsx": "XLSX", "netcdf": "NetCDF"}
LABELS |= {"parquet": "Parquet"} if find_spec("pyarrow") else {}

#: endings of the reports that can be written here; browsers print HTML
REPORTS = ["pdf"] if find_spec("reportlab") else ["html"]
REPORTS += ["docx"] if find_spec("docx") else []

#: JavaScript that saves the chart as a picture; the server could not draw it
SAVE = """
for (const doc of Bokeh.documents) {
  const charts = [...doc._all_models.values()].filter((model) => model.name?.startsWith("%s"));
  const seen = charts.map((model) => Bokeh.index.find_one(model)).filter((one) => one);
  const view = seen.filter((one) => one.el.offsetWidth > 0).pop();
  if (view) {
    view.export("%s").to_blob().then((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = "%s";
      link.click();
    });
  }
}
"""


def downloads(
    loaded: LoadedResult, api: str, notebook: Callable[[], bytes], reading: str = ""
) -> list[pn.viewable.Viewable]:
    """Return a button for each file, those of reports, and one that leads to the page to share.

    Parameters
    ----------
    api : address of the HTTP API, relative to the page; empty without one
    notebook : returns the content of a notebook that repeats the request
    reading : address of the pages without scripts, relative to the page; empty without them
    """
    files = _links(loaded, api) if api else _through_page(loaded)
    pictures = [_picture(loaded.stem, kind) for kind in ("png", "svg")]
    page = file_button(tr("Open as notebook"), f"{loaded.stem}.ipynb", notebook, icon="code")
    return [*_share(loaded, reading), *files, *pictures, page]


def _share(loaded: LoadedResult, reading: str) -> list[pn.viewable.Viewable]:
    if not reading:
        return []
    address = f"{reading}/{loaded.task.id}"
    language = current_language()
    query = "" if language == ENGLISH else f"?lang={language.code}"
    reports = [
        _link(tr("Report {kind}", kind=one.upper()), f"{address}/report.{one}{query}")
        for one in REPORTS
    ]
    page = tr("Page to share")
    return [pmui.Button(label=page, href=address + query, icon="share", **_look()), *reports]


def _links(loaded: LoadedResult, api: str) -> list[pn.viewable.Viewable]:
    task = f"{api.rstrip('/')}/tasks/{loaded.task.id}"
    links = [_link("JSON", f"{task}/result")]
    links += [_link(label, f"{task}/result?format={name}") for name, label in LABELS.items()]
    if found := export_zip(loaded.result):
        size = found.stat().st_size
        links.append(_link(f"ZIP ({megabytes(size)})", f"{task}/files/{found.name}"))
    return links


def _through_page(loaded: LoadedResult) -> list[pn.viewable.Viewable]:
    result, stem = loaded.result, loaded.stem
    files = [file_button("JSON", f"{stem}.json", result.path.read_bytes)]
    for name, label in LABELS.items():
        files.append(
            file_button(label, f"{stem}{SERIES_FORMATS[name].ending}", _writer(result, name))
        )
    found = export_zip(result)
    if found and found.stat().st_size <= LARGEST_FILE:
        files.append(file_button("ZIP", f"{stem}.zip", found.read_bytes))
    elif found:
        words = tr(
            "The ZIP ({size}) is too large for this page: {file}",
            size=megabytes(found.stat().st_size),
            file=found,
        )
        files.append(pmui.Typography(escaped(words), variant="body2", margin=(6, 4)))
    return files


def megabytes(size: int) -> str:
    """Write a size [bytes] in kB, MB or GB.

    >>> megabytes(2_345_678), megabytes(1_200_000_000), megabytes(900)
    ('2.3 MB', '1.2 GB', '0.9 kB')
    """
    unit, factor = next((row for row in (("GB", 1e9), ("MB", 1e6)) if size >= row[1]), ("kB", 1e3))
    number = local_number(f"{size / factor:,.1f}")
    return f"{number} {unit}"


def _writer(result: Result, name: str) -> Callable[[], bytes]:
    def write() -> bytes:
        with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
            path = Path(folder) / f"result{SERIES_FORMATS[name].ending}"
            SERIES_FORMATS[name].write(result, path)
            return path.read_bytes()

    return write


def _link(label: str, address: str) -> pmui.Button:
    return pmui.Button(label=label, href=address, icon="download", **_look())


def file_button(
    label: str, name: str, make: Callable[[], bytes], icon: str = "download"
) -> pmui.FileDownload:
    """Return a button that sends a file through the page, made when it is clicked."""
    return pmui.FileDownload(
        callback=lambda: io.BytesIO(make()), filename=name, label=label, icon=icon, **_look()
    )


def _picture(stem: str, kind: str) -> pmui.Button:
    button = pmui.Button(label=tr("Chart {kind}", kind=kind.upper()), icon="image", **_look())
    button.js_on_click(code=SAVE % (FIGURE_NAME, kind, f"{stem}.{kind}"))
    return button


def _look() -> dict[str, Any]:
    return {"size": "small", "variant": "outlined", "margin": 0}
