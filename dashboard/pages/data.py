"""The Data page: a card for each dataset, and a search."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.catalog import CatalogEntry
from csserv.errors import CsservError
from csserv.language import tr, trn
from csserv.tasks.kept.contents import kept_bytes
from csserv.tasks.sums.sums_folder import sums_bytes
from csserv.views.parts.escaping import escaped
from csserv.views.parts.html_parts import Fold
from csserv.views.request.dataset_card import STYLE, DatasetCard, absent_dataset_html

from ..page import DashboardPage
from ..session import Session

#: fields of a dataset that are searched
SEARCHED = ("name", "title", "description", "source", "variable", "units", "region", "old_name")


class DataPage(DashboardPage):
    """Shows the datasets: those with files as cards, the others as a list."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: list[tuple[CatalogEntry, pn.viewable.Viewable]] = []
        self.search = pmui.TextInput(
            label=tr("Search datasets"), size="small", sizing_mode="stretch_width", margin=(8, 8)
        )
        self.search.param.watch(self._filter, "value_input")
        self._said = pmui.Typography(tr("Reading the files …"), variant="body2", margin=(0, 12))
        self._cards = pmui.FlexBox(gap="14px", sizing_mode="stretch_width", margin=8)
        self._absent = pn.pane.HTML(sizing_mode="stretch_width", margin=8, stylesheets=[STYLE])
        self._others = Fold(tr("Datasets without files here"), self._absent, margin=8)
        self.view = pn.Column(
            self.search,
            self._said,
            self._cards,
            self._others,
            sizing_mode="stretch_width",
            margin=0,
        )

    def read(self) -> None:
        """Read the coverage of each dataset with files, and make its card."""
        catalog = self._session.shared.service.catalog
        settings = self._session.shared.service.settings
        kept, sums = kept_bytes(settings.home), sums_bytes(settings.data)
        self._found = [
            (one, self._card(one, kept.get(one.name, 0), sums.get(one.name, 0)))
            for one in catalog.here().values()
        ]

    async def show(self, task_id: str) -> None:
        """Show the cards, the first time."""
        if not self._cards.objects:
            if not self._found:
                await asyncio.to_thread(self.read)
            self._cards[:] = [card for _, card in self._found]
            self._filter()

    def _filter(self, *events: Any) -> None:
        """Show the datasets that contain the text of the search."""
        text = self.search.value_input.casefold()
        for entry, card in self._found:
            card.visible = text in _words(entry)
        count = sum(card.visible for _, card in self._found)
        here = {entry.name for entry, _ in self._found}
        catalog = self._session.shared.service.catalog.values()
        others = [one for one in catalog if one.name not in here and text in _words(one)]
        nothing = tr("None")
        lines = "".join(map(absent_dataset_html, others)) or f"<dt>{nothing}</dt>"
        self._absent.object = f'<dl class="absent">{lines}</dl>'
        self._said.object = trn(
            "{count} dataset has files on this server; {others} more in the catalogue below.",
            "{count} datasets have files on this server; {others} more in the catalogue below.",
            count,
            count=count,
            others=len(others),
        )

    def _card(self, entry: CatalogEntry, kept: int, sums: int) -> pn.viewable.Viewable:
        session = self._session
        try:
            there = session.shared.service.coverage(entry.name)
        except CsservError as error:
            return pmui.Alert(
                object=escaped(f"{entry.name}: {error}"), severity="warning", margin=8
            )
        card = DatasetCard(
            entry,
            there,
            session.request_dataset,
            is_dark=partial(getattr, session, "dark"),
            kept=kept,
            sums=sums,
        )
        return card.__panel__()


def _words(entry: CatalogEntry) -> str:
    return " ".join(getattr(entry, name) for name in SEARCHED).casefold()
