"""Lakes, rivers, names of places and of chosen zones, and the scale bar, as layers of a map."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from bokeh.models import (
    ColumnDataSource,
    CustomJS,
    Glyph,
    MetricLength,
    MultiLine,
    MultiPolygons,
    Range1d,
    ScaleBar,
    Scatter,
    Text,
)
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure

from csserv.language import END, mark
from csserv.views.maps.places.named_zones import NO_NAMES, countries_named_in
from csserv.views.parts.assets import script
from csserv.views.parts.theme import Colours

PLACES = Path(__file__).parent / "places.json.gz"

#: where towns are from, whose licence wants it said
TOWNS_BY = mark("Towns: GeoNames, CC BY 4.0.")

#: the scale bar is as long, or up to 2.5 times as long [pixels]
SCALE_WIDTH = 60

#: bokeh never changes it, so it has contrast 3 in both colour schemes
SCALE_COLOUR = "#7b8794"

#: lengths of the scale bar, of m or km
LENGTHS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]

#: picks names 150 ms after the last move of the map, once the page around it is drawn: the corners
#: of all countries take a phone 0.5 s, in which its fields could not be used. Where a part of it is
#: never drawn, that is after 6 s
WAIT = """
clearTimeout(f._rest);
for (const one of halos) one.visible = false;
const look = (left) => {
  if (left && !f.document?.is_idle) f._rest = setTimeout(look, 150, left - 1);
  else pick.execute(f);
};
f._rest = setTimeout(look, 150, 40);
"""

#: look of what lies below names on colours
VEIL = {"background_fill_alpha": 0.75, "padding": 1, "border_radius": 3}

#: begins a text that runs from left to right, where what is around it may not
FROM_LEFT = "\u2066"

#: of names on the map; the script measures with the same font
FONT_SIZE = "12px"


class PlaceLayers:
    """The places of a map, which the browser picks for what is seen, and fetches once.

    Parameters
    ----------
    f : the figure, on which land is drawn already
    address : where the browser fetches the file of ``packed_places``, relative to the page; without
        it there are no lakes, rivers and towns
    outlines : where it fetches the countries, once the page is drawn; empty where they are there
    labels : source of names that stand there already: x, y [m], text
    on_colours : whether the map has colours of all kinds below the names

    Attributes
    ----------
    land : source of the countries, which the browser fills
    zone_names : source of the names of chosen zones; the server changes it
    """

    def __init__(
        self,
        f: figure,
        address: str,
        outlines: str = "",
        labels: ColumnDataSource | None = None,
        on_colours: bool = False,
    ) -> None:
        self._figure, self._on_colours = f, on_colours
        self._addresses = {"places": [address], "land": [outlines]}
        self.land = _source("xs", "ys", "name", "id", "x", "y", "room")
        self._labels = labels or _source("x", "y", "text")
        self.zone_names = ColumnDataSource(dict(NO_NAMES))
        self._picked_zones = _source("x", "y", "up", "name")
        self._lakes, self._rivers = _source("xs", "ys"), _source("xs", "ys")
        self._towns = _source("x", "y", "name", "size")
        self._countries, self._named_lakes = (_source("x", "y", "name") for _ in range(2))
        # metres on the ground along the middle of the map, which Mercator stretches
        self._ground = Range1d(start=0, end=1, syncable=False, name="ground")

    def name_countries(self, bounds: tuple[float, float, float, float]) -> None:
        """Name the countries whose names stand in a box [degrees], where no file has them."""
        self.land.data = countries_named_in(bounds)

    def draw_water(self) -> list[GlyphRenderer]:
        """Draw lakes and rivers, on the land; return what is below tiles."""
        self._rivers_drawn = self._drawn(self._rivers, MultiLine(line_width=0.8))
        self._lakes_drawn = self._drawn(self._lakes, MultiPolygons(line_width=0.5))
        return [self._rivers_drawn, self._lakes_drawn]

    def draw_names(self) -> None:
        """Draw towns and names, on the zones, and the scale bar."""
        self._dots_drawn = self._drawn(self._towns, Scatter(size="size", line_width=1))
        looks: tuple[tuple[ColumnDataSource, dict[str, Any]], ...] = (
            (self._towns, {"x_offset": 6}),
            (self._countries, {"text_align": "center"}),
            (self._named_lakes, {"text_align": "center", "text_font_style": "italic"}),
            (
                self._picked_zones,
                {"y_offset": "up", "text_align": "center", "text_font_style": "bold"},
            ),
        )
        # bokeh draws the outline of a text on the text: so a text of its own, below
        self._halos, self._texts = (
            [self._drawn(source, _text(**look)) for source, look in looks] for _ in range(2)
        )
        self._scale = ScaleBar(
            range=self._ground,
            unit="m",
            label=f"{FROM_LEFT}@{{value}} @{{unit}}{END}",
            dimensional=MetricLength(include=["m", "km"], ticks=LENGTHS, syncable=False),
            bar_length=SCALE_WIDTH,
            bar_line_color=SCALE_COLOUR,
            bar_length_units="screen",
            location="bottom_right",
            border_line_color=None,
            background_fill_alpha=0.8,
            padding=4,
            margin=6,
            syncable=False,
            name="scale",
        )
        self._figure.add_layout(self._scale)
        self._listen()

    def set_colours(self, c: Colours) -> None:
        """Change to a colour scheme."""
        self._rivers_drawn.glyph.update(line_color=c.water)
        self._lakes_drawn.glyph.update(fill_color=c.sea, line_color=c.water)
        self._dots_drawn.glyph.update(fill_color=c.text, line_color=c.land)
        for halo, text in zip(self._halos, self._texts, strict=True):
            halo.glyph.update(text_color=c.land, text_outline_color=c.land)
            text.glyph.update(text_color=c.text)
            if self._on_colours:  # an outline of the letters is too thin to read them on any colour
                text.glyph.update(background_fill_color=c.land, **VEIL)
        self._scale.update(
            label_text_color=c.text,
            background_fill_color=c.background,
        )

    def _drawn(self, source: ColumnDataSource, glyph: Glyph) -> GlyphRenderer:
        """Add a glyph without variants, which are further models to send."""
        looks = dict.fromkeys(
            ("selection_glyph", "nonselection_glyph", "hover_glyph", "muted_glyph")
        )
        return self._figure.add_glyph(source, glyph, **looks)

    def _listen(self) -> None:
        f = self._figure
        for one in self._halos:  # they take a third of what names cost a moving map
            one.syncable = False  # the browser alone hides them
        models = {
            "f": f,
            "halos": self._halos,
            "address": ColumnDataSource(self._addresses, syncable=False),
            "ground": self._ground,
            "land": self.land,
            "lakes": self._lakes,
            "rivers": self._rivers,
            "towns": self._towns,
            "countries": self._countries,
            "named_lakes": self._named_lakes,
            "chosen": self.zone_names,
            "labels": self._labels,
            "zones": self._picked_zones,
        }
        pick = CustomJS(args=models, code=script("maps/places/places"))
        # bokeh compiles a script each time it is called: a long one only once the map is at rest
        wait = CustomJS(args={"f": f, "pick": pick, "halos": self._halos}, code=WAIT)
        # a zoom changes one end of x at least, a move one of these
        f.x_range.js_on_change("start", wait)
        f.x_range.js_on_change("end", wait)
        f.y_range.js_on_change("start", wait)
        self._labels.js_on_change("data", wait)
        self.zone_names.js_on_change("data", wait)


def _text(**look: Any) -> Text:
    return Text(text="name", text_font_size=FONT_SIZE, text_baseline="middle", **look)


@lru_cache(maxsize=1)
def packed_places() -> bytes:
    """Return the file of lakes, rivers and towns, JSON packed by gzip; see the README."""
    return PLACES.read_bytes()


def _source(*columns: str) -> ColumnDataSource:
    """Return a source that the browser alone changes."""
    return ColumnDataSource({name: [] for name in columns}, syncable=False)
