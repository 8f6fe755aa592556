"""An index of the result that is shown, computed here: its sentence, chart, table and receipt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
import panel as pn
import panel_material_ui as pmui
import param

from csserv.climatology.indices import INDICES
from csserv.errors import CsservError, InvalidRequestError
from csserv.language import mark, tr
from csserv.outlooks.index_of_results import IndexResult, check_number
from csserv.outputs.series_result import SeriesResult
from csserv.outputs.words.last_value import last_in_words
from csserv.service import Service
from csserv.tasks.log.task import Task
from csserv.views.charts.series_view import SeriesView
from csserv.views.outlooks.index_offers import (
    as_request,
    kinds_of,
    needs_another,
    offered_indices,
    suits_beside,
)
from csserv.views.parts.cards import button
from csserv.views.parts.html_parts import Choice, Notice, TextField, paragraph, text_to_html
from csserv.views.parts.notes_fold import notes_fold
from csserv.views.parts.series_table import SeriesTable
from csserv.views.request.comparison_fields import years_in
from csserv.views.request.index_fields import IndexFields
from csserv.views.result.downloads import file_button
from csserv.views.result.index_view import IndexView
from csserv.views.result.loaded_result import LoadedResult
from csserv.views.tasks.task_texts import sentence

#: said where an index needs a second result, and there is none of the same area and steps
NO_OTHER = mark(
    "It is of two results, of rain and of temperature or evaporation. Ask for the other one first: "
    "the same area, period and time step."
)

#: said of an index that has no value for each step
OWN_STEPS = mark("It has a value for each year or season: ask for it of the whole record.")


@dataclass(frozen=True, eq=False)
class LoadedIndex:
    """An index, and its series as a table."""

    result: IndexResult
    table: SeriesTable
    operation: str = ""


class IndexOfView(pn.viewable.Viewer):
    """Computes indices of the result that is shown.

    Parameters
    ----------
    on_request : called with a task whose request is for the same index of the whole record
    """

    dark = param.Boolean(default=False)

    def __init__(
        self, service: Service, on_request: Callable[[Task], Awaitable[None]], **params: Any
    ) -> None:
        super().__init__(**params)
        self._service, self._on_request = service, on_request
        self._loaded: LoadedResult | None = None
        self._others: Mapping[str, Task] = {}
        self.fields = IndexFields(lambda *events: None)
        self.other = Choice(tr("The other result"), {}, visible=False)
        added = tr("Steps that are added up (3: a month and two before it)")
        self.accumulate = TextField(added, "1")
        self.years = TextField(
            tr("First and last year of its reference"), tr("1991 to 2020, or all")
        )
        self.message = Notice()
        self.button = pmui.Button(
            label=tr("Compute the index"),
            icon="functions",
            color="primary",
            variant="contained",
            disabled=True,
            margin=(6, 0),
            on_click=self._compute,
        )
        self.ask = button(
            tr("Ask for it of the whole record"), "edit", self._ask, visible=False, margin=(6, 0)
        )
        self.said = paragraph("", margin=(8, 14))
        self.series, self.table = SeriesView(dark=self.dark), IndexView()
        self._notes = pn.Column(sizing_mode="stretch_width", margin=0)
        self._files = pmui.FlexBox(gap="6px", sizing_mode="stretch_width", margin=(4, 12, 12, 12))
        parts = (self.said, self.series, self.table, self._notes, self._files)
        self.answer = pn.Column(*parts, sizing_mode="stretch_width", margin=0, visible=False)
        self.fields.index.param.watch(self._show, "value")
        self.param.watch(lambda event: setattr(self.series, "dark", event.new), "dark")

    def __panel__(self) -> pn.viewable.Viewable:
        """Return fields and answer."""
        fields = (self.fields.view, self.other, self.accumulate, self.years)
        buttons = pmui.FlexBox(self.button, self.ask, gap="8px", sizing_mode="stretch_width")
        return pn.Column(
            *fields, self.message, buttons, self.answer, sizing_mode="stretch_width", margin=0
        )

    def offer(self, loaded: LoadedResult | None, others: Mapping[str, Task]) -> bool:
        """Offer the indices of a result; returns whether there are any.

        Parameters
        ----------
        others : title → task, of results that may be what an index needs, too
        """
        self._loaded, self.answer.visible = loaded, False
        self.message.say("info", "")
        if loaded is None or loaded.table.of_index or loaded.table.selections:
            return False
        plain = self._chosen(loaded).json
        if plain.get("time_step", {}).get("accumulate", 1) > 1:
            return False
        self._others = {
            text: task for text, task in others.items() if suits_beside(loaded.task, task)
        }
        titles = offered_indices(plain)
        self.fields.index.set_options(titles, "")
        self._show()
        return len(titles) > 1

    def _chosen(self, loaded: LoadedResult) -> SeriesResult:
        return loaded.result.select(loaded.operation)

    def _show(self, *events: Any) -> None:
        """Show the fields that the chosen index has."""
        name, loaded = self.fields.index.value, self._loaded
        row = INDICES.get(name)
        has_other = bool(row and loaded and needs_another(name, loaded.table.units))
        texts = {text: text for text in self._others}
        self.other.set_options(texts, next(iter(texts), ""))
        self.other.visible = has_other and bool(texts)
        self.accumulate.visible = bool(row and row.most_accumulated > 1)
        self.years.visible = bool(row and row.has_reference)
        self.ask.visible = bool(row) and not has_other
        lacks = has_other and not texts
        has_own_steps = bool(row and row.has_own_steps)
        said = tr(NO_OTHER) if lacks else tr(OWN_STEPS) if has_own_steps else ""
        self.message.say("info", said)
        self.button.disabled = row is None or lacks or has_own_steps

    async def _compute(self, event: Any) -> None:
        self.button.loading = True
        try:
            found = await asyncio.to_thread(self._computed)
        except CsservError as error:
            self.answer.visible = False
            self.message.say("warning", sentence(error))
        else:
            self.message.say("info", "")
            await self._tell(found)
        finally:
            self.button.loading = False

    def _computed(self) -> LoadedIndex:
        if (loaded := self._loaded) is None:
            raise InvalidRequestError("there is no result; open one")
        index = self.fields.index.value
        results: dict[str, SeriesResult] = {"": self._chosen(loaded)}
        if needs_another(index, loaded.table.units):
            other = self._others[self.other.value]
            results["other"] = self._service.result(other, wait=False)
        check_number(results.values())
        units = {name: str(one.json["units"]) for name, one in results.items()}
        kinds = kinds_of(index, units)
        row = INDICES[index]
        years = self.years.value.strip() if row.has_reference else ""
        found = self._service.index_of(
            {kind: results[name] for kind, name in kinds.items()},
            index,
            accumulate=self._steps() if row.most_accumulated > 1 else 1,
            against=years_in(years) if years else None,
            **self.fields.asked().get("index_options", {}),
        )
        return LoadedIndex(found, SeriesTable.of_json(found.json))

    def _steps(self) -> int:
        """Read how many steps are added up.

        Raises
        ------
        InvalidRequestError : it is no whole number
        """
        text = self.accumulate.value.strip() or "1"
        if not text.isdecimal():
            raise InvalidRequestError(
                f"the steps that are added up are {text!r}; allowed is 1, 2 …"
            )
        return int(text)

    async def _tell(self, found: LoadedIndex) -> None:
        plain = found.result.json
        self.said.object = text_to_html(f"**{last_in_words(plain)}**")
        self.table.show(found)
        self._notes[:] = notes_fold([str(one) for one in found.result.notes], tr("this index"))
        stem = f"{plain['index']['index']}_{self._loaded.stem}" if self._loaded else "index"
        frame = found.result.to_dataframe
        self._files[:] = [
            file_button("CSV", f"{stem}.csv", lambda: frame().to_csv(index=False).encode()),
            file_button("JSON", f"{stem}.json", lambda: orjson.dumps(plain)),
        ]
        self.answer.visible = True
        await self.series.show(replace(found.table, title=plain["index"]["title"]), {})

    async def _ask(self, event: Any) -> None:
        if (loaded := self._loaded) is None:
            return
        try:
            options = self.fields.asked()["index_options"]
            asked = as_request(loaded.task, self.fields.index.value, self._steps(), options)
        except CsservError as error:
            self.message.say("warning", sentence(error))
            return
        await self._on_request(asked)
