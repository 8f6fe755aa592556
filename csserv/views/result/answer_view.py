"""The answer that a result begins with: a sentence, and what its values are."""

from __future__ import annotations

import html
from typing import Any

import panel as pn

from csserv.language import from_to, listed
from csserv.outputs.words.last_value import last_in_words
from csserv.outputs.words.quantity_words import quantity_in_words
from csserv.views.parts.assets import style
from csserv.views.result.loaded_result import LoadedResult


class AnswerView(pn.pane.HTML):
    """Says the last value of a zone, its normal and its rank; hidden while there is none."""

    def __init__(self, **params: Any) -> None:
        sheets = style("parts/base", "result/answer_view")
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (8, 12, 0, 12)} | params
        super().__init__("", stylesheets=sheets, visible=False, **look)

    def say(self, loaded: LoadedResult, zone: int) -> None:
        """Say the answer for one zone of a result, by its number."""
        plain = loaded.plain
        sentence = html.escape(last_in_words(plain, zone))
        quantity = quantity_in_words(plain)
        period = from_to(plain["request"]["period"])
        about = html.escape(listed([quantity[:1].upper() + quantity[1:], period]))
        self.param.update(object=f"<h2>{sentence}</h2><p>{about}</p>", visible=True)

    def clear(self) -> None:
        """Say nothing."""
        self.param.update(object="", visible=False)
