"""The answer that a result begins with: a sentence, and what its values are."""

from __future__ import annotations

import html
from typing import Any

import panel as pn

from csserv.outputs.words.last_value import last_in_words
from csserv.outputs.words.quantity_words import quantity_and_period
from csserv.views.parts.assets import style
from csserv.views.result.loaded_result import LoadedResult
from csserv.views.zones.period_total import total_in_words


class AnswerView(pn.pane.HTML):
    """Says the last value of a zone, its normal and rank, and the total; hidden without any."""

    def __init__(self, **params: Any) -> None:
        sheets = style("parts/base", "result/answer_view")
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (8, 12, 0, 12)} | params
        super().__init__("", stylesheets=sheets, visible=False, **look)

    def say(self, loaded: LoadedResult, zone: int) -> None:
        """Say the answer for one zone of a result, by its number."""
        plain = loaded.plain
        sentence = html.escape(last_in_words(plain, zone))
        total = html.escape(total_in_words(plain, zone))
        whole = f"<p class='total'>{total}</p>" if total else ""
        about = html.escape(quantity_and_period(plain))
        self.param.update(object=f"<h2>{sentence}</h2>{whole}<p>{about}</p>", visible=True)

    def clear(self) -> None:
        """Say nothing."""
        self.param.update(object="", visible=False)
