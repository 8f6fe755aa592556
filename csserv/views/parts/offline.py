"""Loading of bokeh, Panel and HoloViews into a notebook without network."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
from holoviews.core.dimension import LabelledData


def load_plotting() -> None:
    """Load bokeh and Panel into the running cell, once for a kernel.

    ``hv.extension`` and ``import hvplot.pandas`` are not called: the display of HoloViews loads
    style sheets from the network in any case, and the import of hvPlot all of bokeh.
    """
    if pn.extension._loaded and pn.config.inline:
        return
    pn.extension(inline=True)
    hv.Store.set_current_backend("bokeh")
    hv.Store.set_display_hook("html+js", LabelledData, _shown)


def _shown(drawn: Any) -> Any:
    return pn.pane.HoloViews(drawn, widget_location="bottom")._repr_mimebundle_()
