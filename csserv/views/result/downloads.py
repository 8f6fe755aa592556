"""Files of a result to take home: over HTTP where there is an API, else through the page."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.outputs import Result
from csserv.outputs.series_files import SERIES_FORMATS
from csserv.views.charts.chart_figure import FIGURE
from csserv.views.maps.export_frames import archive
from csserv.views.parts.escaping import plain
from csserv.views.result.open_result import OpenedResult

#: without an API, larger files are not sent: they would block the connection of the page [bytes]
LARGEST = 100 * 2**20

#: name of a form → its button
LABELS = {"csv": "CSV", "xlsx": "XLSX", "netcdf": "NetCDF"}

#: saves the chart in the browser: the server has no screen to draw it on
SAVE = """
for (const doc of Bokeh.documents) {
  const charts = [...doc._all_models.values()].filter((model) => model.name == "%s");
  const view = charts.map((model) => Bokeh.index.find_one(model)).filter((one) => one).pop();
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
    opened: OpenedResult, api: str, notebook: Callable[[], bytes]
) -> list[pn.viewable.Viewable]:
    """Make a button for each file.

    Parameters
    ----------
    api : address of the HTTP API, relative to the page; empty where there is none
    notebook : writes the notebook that asks the same again
    """
    files = _links(opened, api) if api else _through_page(opened)
    pictures = [_picture(opened.stem, kind) for kind in ("png", "svg")]
    page = _file("Open as notebook", f"{opened.stem}.ipynb", notebook, icon="code")
    return [*files, *pictures, page]


def _links(opened: OpenedResult, api: str) -> list[pn.viewable.Viewable]:
    task = f"{api.rstrip('/')}/tasks/{opened.task.id}"
    links = [_link("JSON", f"{task}/result")]
    links += [_link(label, f"{task}/result?format={name}") for name, label in LABELS.items()]
    if found := archive(opened.result):
        size = found.stat().st_size
        links.append(_link(f"ZIP ({megabytes(size)})", f"{task}/files/{found.name}"))
    return links


def _through_page(opened: OpenedResult) -> list[pn.viewable.Viewable]:
    result, stem = opened.result, opened.stem
    files = [_file("JSON", f"{stem}.json", result.path.read_bytes)]
    for name, label in LABELS.items():
        files.append(_file(label, f"{stem}{SERIES_FORMATS[name].ending}", _writer(result, name)))
    found = archive(result)
    if found and found.stat().st_size <= LARGEST:
        files.append(_file("ZIP", f"{stem}.zip", found.read_bytes))
    elif found:
        words = f"The ZIP ({megabytes(found.stat().st_size)}) is too large for this page: {found}"
        files.append(pmui.Typography(plain(words), variant="body2", margin=(6, 4)))
    return files


def megabytes(size: int) -> str:
    """Write a size.

    >>> megabytes(2_345_678), megabytes(1_200_000_000), megabytes(900)
    ('2.3 MB', '1.2 GB', '0.9 kB')
    """
    unit, factor = next((row for row in (("GB", 1e9), ("MB", 1e6)) if size >= row[1]), ("kB", 1e3))
    return f"{size / factor:,.1f} {unit}"


def _writer(result: Result, name: str) -> Callable[[], bytes]:
    def write() -> bytes:
        with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
            path = Path(folder) / f"result{SERIES_FORMATS[name].ending}"
            SERIES_FORMATS[name].write(result, path)
            return path.read_bytes()

    return write


def _link(label: str, address: str) -> pmui.Button:
    return pmui.Button(label=label, href=address, icon="download", **_look())


def _file(
    label: str, name: str, make: Callable[[], bytes], icon: str = "download"
) -> pmui.FileDownload:
    return pmui.FileDownload(
        callback=lambda: io.BytesIO(make()), filename=name, label=label, icon=icon, **_look()
    )


def _picture(stem: str, kind: str) -> pmui.Button:
    button = pmui.Button(label=f"Chart {kind.upper()}", icon="image", **_look())
    button.js_on_click(code=SAVE % (FIGURE, kind, f"{stem}.{kind}"))
    return button


def _look() -> dict[str, Any]:
    return {"size": "small", "variant": "outlined", "margin": 0}
