"""What a page shows until its scripts are there: its name, links, the map and its fields.

Panel's scripts take seconds on a slow line, in which a page would be blank (24 s at 1.6 Mb/s, on a
phone, before they were compressed).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape

import shapely

from csserv.language import tr
from csserv.views.maps.outlines import world

#: corners of land are left out within this distance [degrees], and islands smaller than its square
TOLERANCE = 1.0

#: lines that stand for fields, where a page has none that are known before
BLOCKS = 4


def shell(current: str, pages: Sequence[tuple[str, str]], is_dark: bool) -> str:
    """Return the HTML of a page before its scripts.

    Parameters
    ----------
    current : name of the page in the address
    pages : name in the address, and title, of each page
    """
    links = "".join(
        f'<a href="?page={escape(name)}"{" aria-current=page" if name == current else ""}>'
        f"{escape(title)}</a>"
        for name, title in pages
    )
    titles, loading = dict(pages), tr("The page is loading …")
    body = _request() if current == "request" else "<i></i>" * BLOCKS
    without = tr(
        "This page needs scripts, which are off here. A result can be read without: /r/TASK"
    )
    return (
        f'<div id="csserv-shell" class="{"dark" if is_dark else "light"}">'
        f"<header><b>csserv</b><nav>{links}</nav></header>"
        f"<main><h1>{escape(titles.get(current, ''))}</h1>"
        f"<p role=status>{escape(loading)}</p>"
        f"<noscript>{escape(without)}</noscript>{body}</main></div>"
    )


def _request() -> str:
    """Draw the map and name the fields of a request."""
    said = escape(tr("Ask archives of gridded climate data on a map."))
    labels = (tr("Dataset"), tr("Period"), tr("Statistic over the area"))
    fields = "".join(f"<label>{escape(one)}<i></i></label>" for one in labels)
    picture = f'<svg viewBox="-180 -84 360 144" aria-hidden=true><path d="{land()}"/></svg>'
    submit = tr("Submit request")
    button = f"<button disabled>{escape(submit)}</button>"
    return f"<p>{said}</p>{picture}{fields}{button}"


@lru_cache(maxsize=1)
def land() -> str:
    """Return the land of the earth as the path of an SVG, in whole degrees, north up."""
    whole = shapely.simplify(shapely.union_all(list(world().shapes)), TOLERANCE)
    parts = [one for one in shapely.get_parts(whole) if one.area > TOLERANCE**2]
    return "".join(_ring(part.exterior.coords) for part in parts)


def _ring(corners: Sequence[tuple[float, ...]]) -> str:
    points = [(round(x), -round(y)) for x, y, *_ in corners]
    return "M" + "L".join(f"{x} {y}" for x, y in dict.fromkeys(points)) + "Z"
