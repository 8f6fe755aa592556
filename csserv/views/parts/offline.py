"""What draws in a notebook, loaded from this machine: a notebook may be offline."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
from holoviews.core.dimension import LabelledData


def load_drawing() -> None:
    """Put bokeh and Panel into the cell that is running, once for a kernel.

    ``hv.extension`` and ``import hvplot.pandas`` are not called: HoloViews' own display asks the
    network for style sheets, whatever it is told, and hvPlot's import asks for all of bokeh.
    """
    if pn.extension._loaded and pn.config.inline:
        return
    pn.extension(inline=True)
    hv.Store.set_current_backend("bokeh")
    hv.Store.set_display_hook("html+js", LabelledData, _shown)


def _shown(drawn: Any) -> Any:
    return pn.pane.HoloViews(drawn, widget_location="bottom")._repr_mimebundle_()
