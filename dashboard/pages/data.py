"""The page of what there is to ask of: each dataset with its time span, gaps and licence."""

from __future__ import annotations

import asyncio

import panel as pn
import panel_material_ui as pmui

from csserv.errors import CsservError
from csserv.tasks.task import Task
from csserv.views.dataset_card import dataset_card
from csserv.views.facts import Facts
from csserv.views.hub import News
from dashboard.session import Session


class DataPage:
    """See what there is."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cards = pmui.FlexBox(gap="14px", sizing_mode="stretch_width", margin=8)
        self.view = pmui.Column(self._cards, sizing_mode="stretch_width", margin=0)

    def hear(self, news: News) -> None:
        """Take no notice: nothing here moves with tasks."""

    async def show(self, task_id: str) -> None:
        """Read what each dataset has, the first time."""
        if not len(self._cards):
            self._cards[:] = await asyncio.to_thread(self._read)

    async def fill(self, task: Task) -> None:
        """Nothing is filled in here."""

    def _read(self) -> list[pn.viewable.Viewable]:
        shared = self._session.shared
        cards = []
        for name in shared.datasets():
            entry = shared.service.catalog[name]
            try:
                card = dataset_card(entry, Facts.of(entry))
            except CsservError as error:
                card = pmui.Alert(object=f"{name}: {error}", severity="warning", margin=8)
            cards.append(card)
        return cards
