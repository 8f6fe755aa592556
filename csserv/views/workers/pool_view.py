"""A table of the workers, with buttons to start, drain, recycle and stop them."""

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
from csserv.language import mark, tr, trn
from csserv.service import Service
from csserv.tasks.cluster.worker_pool import MOST_A_CORE, WorkerPool
from csserv.views.parts.amounts import counted
from csserv.views.parts.cards import button
from csserv.views.parts.escaping import escaped
from csserv.views.parts.html_parts import paragraph
from csserv.views.workers.pool_snapshot import PoolSnapshot, sentences
from csserv.views.workers.worker_table import WorkerTable, short_name

#: added to the message when a worker that the runner keeps is stopped
REPLACED = mark("the runner starts another in its place within half a minute")

MEANING = mark(
    "A block is a piece of a task. Drain: a worker finishes its block, takes nothing new, and "
    "goes. Recycle: the same, and another one starts in its place. Stop now: it goes at once, and "
    "others do its block again."
)


class PoolView(pn.viewable.Viewer):
    """Shows the workers, a choice of them, and buttons for actions on the selected ones.

    Actions that the service refuses to the caller show an error.

    Parameters
    ----------
    link : address of the page of a task, without the id at its end
    """

    snapshot = param.ClassSelector(class_=PoolSnapshot, default=PoolSnapshot())
    problem = param.String(default="", doc="why the last action failed")

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
            label=tr("How many"), options=_counts(), value=1, size="small", width=110, margin=0
        )
        self.buttons = {
            "start": button(tr("Start"), "add", self._start, variant="contained"),
            "drain": button(tr("Drain"), "hourglass_bottom", self._on_selected("drain")),
            "recycle": button(tr("Recycle"), "autorenew", self._on_selected("recycle")),
            "stop": button(tr("Stop now"), "stop", self._on_selected("stop"), color="error"),
            "all": button(tr("Stop all …"), "block", self._ask, color="error"),
        }
        self.selected = pmui.CheckBoxGroup(
            label=tr("Choose workers"),
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
        self._message = pmui.Alert(
            object="", severity="info", visible=False, sizing_mode="stretch_width", margin=(4, 12)
        )
        self._question = pmui.Typography("", variant="body2", margin=8)
        self.dialog = self._dialog()
        self.param.watch(lambda event: self._show(), ["snapshot", "problem"])
        self.selected.param.watch(lambda event: self._show_selected(), "value")
        self._show()
        self._show_selected()

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the view."""
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
            self._message,
            self.table,
            self._state,
            self.selected,
            pmui.FlexBox(b["drain"], b["recycle"], b["stop"], **row),
            paragraph(tr(MEANING), small=True, margin=(0, 14, 8, 14)),
            self.dialog,
            sizing_mode="stretch_width",
            margin=0,
        )

    async def refresh(self) -> None:
        """Read the state of the pool again."""
        self.snapshot = await asyncio.to_thread(PoolSnapshot.of, self._service)

    def _show(self) -> None:
        snapshot = self.snapshot
        self.table.show(snapshot.workers, dict(snapshot.titles))
        names = [one.uuid for one in snapshot.workers]
        if names != list(self.selected.options.values()):
            kept = [name for name in self.selected.value if name in names]
            self.selected.param.update(
                options={short_name(name): name for name in names}, value=kept
            )
        self.selected.visible = bool(names)
        said = self.problem or snapshot.problem
        self._alert.param.update(
            object=escaped(said),
            visible=bool(said),
            severity="error" if self.problem else "warning",
        )
        self._state.object = " ".join(sentences(snapshot))
        self.buttons["all"].disabled = not snapshot.workers
        self.buttons["start"].disabled = bool(snapshot.problem)

    def _show_selected(self) -> None:
        for name in ("drain", "recycle", "stop"):
            self.buttons[name].disabled = not self.selected.value

    def _dialog(self) -> pmui.Dialog:
        def close(event: Any) -> None:
            self.dialog.open = False

        buttons = [
            button(tr("Let them finish"), "hourglass_bottom", self._all(now=False)),
            button(tr("Stop all now"), "stop", self._all(now=True), color="error"),
            button(tr("Keep them"), "close", close, variant="text"),
        ]
        return pmui.Dialog(
            self._question,
            pmui.FlexBox(*buttons, gap="8px", sizing_mode="stretch_width", margin=8),
            title=tr("Stop all workers?"),
            close_on_click=True,
        )

    async def _start(self, event: Any) -> None:
        count = int(self.count.value)
        await self._do(
            lambda pool: pool.start(count),
            trn(
                "{count} worker started; it comes after some seconds.",
                "{count} workers started; they come after some seconds.",
                count,
                count=count,
            ),
        )

    def _on_selected(self, what: str) -> Callable[[Any], Any]:
        act, outcome = ACTIONS[what]

        async def clicked(event: Any) -> None:
            chosen = list(self.selected.value)
            kept = any(one.is_kept for one in self.snapshot.workers if one.uuid in chosen)
            names = ", ".join(map(short_name, chosen))
            parts = [tr(outcome), *([tr(REPLACED)] if kept else [])]

            def each(pool: WorkerPool) -> None:
                for name in chosen:
                    act(pool, name)

            workers = counted(len(chosen), "worker")
            message = tr("; ").join(parts)
            said = tr("{workers} ({names}): {what}.", workers=workers, names=names, what=message)
            await self._do(each, said)

        return clicked

    def _ask(self, event: Any) -> None:
        workers = self.snapshot.workers
        kept = sum(one.is_kept for one in workers)
        again = tr("Tasks wait until workers are started again.")
        if kept:
            again = trn(
                "The runner starts {count} other in place of its own within half a minute.",
                "The runner starts {count} others in place of its own within half a minute.",
                kept,
                count=kept,
            )
        go = tr("{workers} will go.", workers=counted(len(workers), "worker"))
        self._question.object = f"{go} {again}"
        self.dialog.open = True

    def _all(self, now: bool) -> Callable[[Any], Any]:
        async def clicked(event: Any) -> None:
            self.dialog.open = False
            said = tr("All workers go when each has finished its block.")
            if now:
                said = tr("All workers go at once.")
            await self._do(lambda pool: pool.stop_all(now), said)

        return clicked

    async def _do(self, act: Callable[[WorkerPool], object], message: str) -> None:
        """Apply an action to the pool, and show a message or the error."""
        try:
            await asyncio.to_thread(act, self._service.pool)
        except CsservError as error:
            self.problem = str(error)
            self._message.visible = False
        else:
            self.problem = ""
            self._message.param.update(object=message, visible=True)
        await self.refresh()


#: name → action on one worker, and the message about it
ACTIONS: dict[str, tuple[Callable[[WorkerPool, str], object], str]] = {
    "drain": (WorkerPool.stop, mark("finishes its block and goes")),
    "recycle": (WorkerPool.recycle, mark("finishes its block and goes, and another one starts")),
    "stop": (partial(WorkerPool.stop, now=True), mark("goes at once")),
}


def _counts() -> list[int]:
    """Return the numbers of workers to choose from: 1, 2, 4, … up to the limit of this machine."""
    most = MOST_A_CORE * (os.cpu_count() or 1)
    return [2**power for power in range(most.bit_length())]
