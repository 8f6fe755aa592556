"""The workers, and what can be done with them: start, drain, stop, recycle."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.errors import CsservError
from csserv.service import Service
from csserv.tasks.cluster.worker_pool import MOST_A_CORE, WorkerPool
from csserv.views.parts.amounts import counted
from csserv.views.parts.cards import button
from csserv.views.parts.escaping import escaped
from csserv.views.parts.html_parts import paragraph
from csserv.views.workers.pool_seen import Seen, sentences
from csserv.views.workers.worker_table import WorkerTable, short

#: said where a worker of the runner's own goes
REPLACED = "the runner starts another in its place within half a minute"

MEANING = (
    "A block is a piece of a task. Drain: a worker finishes its block, takes nothing new, and "
    "goes. Recycle: the same, and another one starts in its place. Stop now: it goes at once, and "
    "others do its block again."
)


class PoolView(pn.viewable.Viewer):
    """A table of workers, a choice of them, and buttons for those that are chosen.

    What the service refuses to whoever asks is not done, and told.
    """

    seen = param.ClassSelector(class_=Seen, default=Seen())
    problem = param.String(default="", doc="why the last thing that was asked for was not done")

    def __init__(
        self,
        service: Service,
        link: str = "?page=result&task=",
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._service = service
        self.table = WorkerTable(link)
        self.count = pmui.Select(
            label="How many", options=_counts(), value=1, size="small", width=110, margin=0
        )
        self.buttons = {
            "start": button("Start", "add", self._start, variant="contained"),
            "drain": button("Drain", "hourglass_bottom", self._on_chosen("drain")),
            "recycle": button("Recycle", "autorenew", self._on_chosen("recycle")),
            "stop": button("Stop now", "stop", self._on_chosen("stop"), color="error"),
            "all": button("Stop all …", "block", self._ask, color="error"),
        }
        self.chosen = pmui.CheckBoxGroup(
            label="Choose workers",
            options={},
            inline=True,
            sizing_mode="stretch_width",
            margin=(6, 14),
        )
        self._state = pmui.Typography(
            "", variant="body2", color="text.secondary", margin=(0, 14, 6, 14)
        )
        self._alert = pmui.Alert(
            object="", severity="error", visible=False, sizing_mode="stretch_width", margin=(4, 12)
        )
        self._told = pmui.Alert(
            object="", severity="info", visible=False, sizing_mode="stretch_width", margin=(4, 12)
        )
        self._question = pmui.Typography("", variant="body2", margin=8)
        self.dialog = self._dialog()
        self.param.watch(lambda event: self._show(), ["seen", "problem"])
        self.chosen.param.watch(lambda event: self._show_chosen(), "value")
        self._show()
        self._show_chosen()

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        b = self.buttons
        row: dict[str, Any] = {
            "gap": "8px",
            "align_items": "center",
            "sizing_mode": "stretch_width",
            "margin": (6, 12),
        }
        return pn.Column(
            pmui.FlexBox(self.count, b["start"], b["all"], **row),
            self._alert,
            self._told,
            self.table,
            self._state,
            self.chosen,
            pmui.FlexBox(b["drain"], b["recycle"], b["stop"], **row),
            paragraph(MEANING, small=True, margin=(0, 14, 8, 14)),
            self.dialog,
            sizing_mode="stretch_width",
            margin=0,
        )

    async def look(self) -> None:
        """Look at the workers again."""
        self.seen = await asyncio.to_thread(Seen.of, self._service)

    def _show(self) -> None:
        seen = self.seen
        self.table.show(seen.workers, dict(seen.titles))
        names = [one.uuid for one in seen.workers]
        if names != list(self.chosen.options.values()):
            kept = [name for name in self.chosen.value if name in names]
            self.chosen.param.update(options={short(name): name for name in names}, value=kept)
        self.chosen.visible = bool(names)
        said = self.problem or seen.problem
        self._alert.param.update(
            object=escaped(said),
            visible=bool(said),
            severity="error" if self.problem else "warning",
        )
        self._state.object = " ".join(sentences(seen))
        self.buttons["all"].disabled = not seen.workers
        self.buttons["start"].disabled = bool(seen.problem)

    def _show_chosen(self) -> None:
        for name in ("drain", "recycle", "stop"):
            self.buttons[name].disabled = not self.chosen.value

    def _dialog(self) -> pmui.Dialog:
        def close(event: Any) -> None:
            self.dialog.open = False

        buttons = [
            button("Let them finish", "hourglass_bottom", self._all(now=False)),
            button("Stop all now", "stop", self._all(now=True), color="error"),
            button("Keep them", "close", close, variant="text"),
        ]
        return pmui.Dialog(
            self._question,
            pmui.FlexBox(*buttons, gap="8px", sizing_mode="stretch_width", margin=8),
            title="Stop all workers?",
            close_on_click=True,
        )

    async def _start(self, event: Any) -> None:
        count = int(self.count.value)
        await self._do(
            lambda pool: pool.start(count),
            f"{counted(count, 'worker')} started; {'it comes' if count == 1 else 'they come'} "
            "after some seconds.",
        )

    def _on_chosen(self, what: str) -> Callable[[Any], Any]:
        act, said = ACTIONS[what]

        async def clicked(event: Any) -> None:
            chosen = list(self.chosen.value)
            kept = any(one.is_kept for one in self.seen.workers if one.uuid in chosen)
            names = ", ".join(map(short, chosen))
            told = said + (f"; {REPLACED}" if kept else "")

            def each(pool: WorkerPool) -> None:
                for name in chosen:
                    act(pool, name)

            await self._do(each, f"{counted(len(chosen), 'worker')} ({names}): {told}.")

        return clicked

    def _ask(self, event: Any) -> None:
        workers = self.seen.workers
        kept = sum(one.is_kept for one in workers)
        again = (
            f" The runner starts {counted(kept, 'other')} in place of its own within half a minute."
            if kept
            else " Tasks wait until workers are started again."
        )
        self._question.object = f"{counted(len(workers), 'worker')} will go.{again}"
        self.dialog.open = True

    def _all(self, now: bool) -> Callable[[Any], Any]:
        async def clicked(event: Any) -> None:
            self.dialog.open = False
            how = "at once" if now else "when each has finished its block"
            await self._do(lambda pool: pool.stop_all(now), f"All workers go {how}.")

        return clicked

    async def _do(self, act: Callable[[WorkerPool], object], told: str) -> None:
        """Do something with the pool, if this person may, and say so."""
        try:
            await asyncio.to_thread(act, self._service.pool)
        except CsservError as error:
            self.problem = str(error)
            self._told.visible = False
        else:
            self.problem = ""
            self._told.param.update(object=told, visible=True)
        await self.look()


#: what is done with one worker, and what is said of it
ACTIONS: dict[str, tuple[Callable[[WorkerPool, str], object], str]] = {
    "drain": (WorkerPool.stop, "finishes its block and goes"),
    "recycle": (WorkerPool.recycle, "finishes its block and goes, and another one starts"),
    "stop": (partial(WorkerPool.stop, now=True), "goes at once"),
}


def _counts() -> list[int]:
    """Say how many may be started at once: 1, 2, 4, … up to what this machine may have at all."""
    most = MOST_A_CORE * (os.cpu_count() or 1)
    return [2**power for power in range(most.bit_length())]
