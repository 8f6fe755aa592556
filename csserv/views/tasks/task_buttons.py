"""Buttons for actions on selected tasks; deleting must be confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.language import tr
from csserv.service import Service
from csserv.tasks.log.task import Task
from csserv.views.parts.amounts import counted
from csserv.views.parts.cards import button
from csserv.views.parts.escaping import escaped
from csserv.views.tasks.task_actions import ACTIONS, Outcome, allowed_tasks, perform
from csserv.views.tasks.task_texts import title


class TaskButtons(pn.viewable.Viewer):
    """Buttons that cancel, run again, change and delete the ``tasks``.

    Parameters
    ----------
    on_change : called with the task whose request is to be changed and run again
    on_done : called with the name of an action and its outcome
    more : further buttons, shown before the others
    """

    tasks = param.List(default=[], item_type=Task)
    problem = param.String(default="", doc="why the last action failed")

    def __init__(
        self,
        service: Service,
        on_change: Callable[[Task], Any] | None = None,
        on_done: Callable[[str, Outcome], Any] | None = None,
        more: Sequence[pn.viewable.Viewable] = (),
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._service = service
        self._on_change, self._on_done = on_change, on_done
        self._more = more
        self.buttons = {
            name: button(tr(action.label), action.icon, partial(self._pressed, name))
            for name, action in ACTIONS.items()
        }
        self.change = button(tr("Change and run"), "edit", self._changed)
        self.sure = button(tr("Delete"), "delete", self._sure, color="error", variant="contained")
        self.keep = button(tr("Keep"), "undo", self._keep)
        self._question = pmui.Typography("", variant="body2", margin=(6, 0))
        self._ask = pmui.FlexBox(
            self._question,
            self.sure,
            self.keep,
            gap="6px",
            align_items="center",
            visible=False,
            sizing_mode="stretch_width",
            margin=(6, 0),
        )
        self._error = pmui.Alert(
            object="", severity="error", visible=False, sizing_mode="stretch_width", margin=(4, 0)
        )
        self.param.watch(self._show, ["tasks", "problem"])
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the buttons, the question and the error message."""
        all_buttons = pmui.FlexBox(
            *self._more,
            self.buttons["cancel"],
            self.buttons["again"],
            self.change,
            self.buttons["delete"],
            gap="6px",
            sizing_mode="stretch_width",
            margin=0,
        )
        return pn.Column(all_buttons, self._ask, self._error, sizing_mode="stretch_width", margin=0)

    def _show(self, *events: Any) -> None:
        many = len(self.tasks) > 1
        for name, one in self.buttons.items():
            found = allowed_tasks(self._service, name, self.tasks)
            count = f" ({len(found)})" if many and found else ""
            one.param.update(label=tr(ACTIONS[name].label) + count, visible=bool(found))
        self.change.visible = (
            self._on_change is not None
            and all(task.request.has_result for task in self.tasks)
            and len(self.tasks) == 1
            and not self._service.refusal("submit")
        )
        if not allowed_tasks(self._service, "delete", self.tasks):
            self._ask.visible = False
        self._error.param.update(object=self.problem, visible=bool(self.problem))

    def _pressed(self, name: str, event: Any) -> None:
        if ACTIONS[name].confirm:
            found = allowed_tasks(self._service, name, self.tasks)
            which = escaped(title(found[0])) if len(found) == 1 else counted(len(found), "task")
            self._question.object = tr(
                "Delete {which}, with all results? This cannot be undone.", which=which
            )
            self._ask.visible = True
        else:
            pn.state.execute(partial(self._do, name))

    async def _sure(self, event: Any) -> None:
        self._ask.visible = False
        await self._do("delete")

    def _keep(self, event: Any) -> None:
        self._ask.visible = False

    def _changed(self, event: Any) -> None:
        if self._on_change and self.tasks:
            pn.state.execute(partial(self._on_change, self.tasks[0]))

    async def _do(self, name: str) -> None:
        found = allowed_tasks(self._service, name, self.tasks)
        outcome = await asyncio.to_thread(perform, self._service, name, found)
        self.problem = "  \n".join(map(escaped, outcome.problems))
        if self._on_done:
            pn.state.execute(partial(self._on_done, name, outcome))
