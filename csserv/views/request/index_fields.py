"""The fields of an index in place of the values: which one, and what it can be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn

from csserv.climatology.asked_index import can_be_of
from csserv.climatology.index.index_libraries import XCLIM
from csserv.climatology.index.parameter_kinds import Choice as Word
from csserv.climatology.index.second_opinion import CLASSED
from csserv.climatology.indices import INDICES
from csserv.language import mark, tr
from csserv.request import Options
from csserv.tasks.plan.index_plan import COMPARE
from csserv.views.parts.html_parts import Choice, Fold, TextField, paragraph, said_options
from csserv.views.request.field_help import help_of
from csserv.views.request.index_meanings import index_meaning

#: label of no index
NONE = mark("none: the values themselves")

#: label → second library to compute the index with
LIBRARIES = {
    mark("no"): "",
    mark("xclim: list the steps that it puts into another class"): XCLIM,
}


class IndexFields:
    """The widgets of an index.

    Parameters
    ----------
    changed : called when an option has changed
    """

    def __init__(self, changed: Callable[..., Any]) -> None:
        self._changed = changed
        self._units = self._step = ""
        self.index = Choice(tr("Index in place of the values"), _titles(""), help=help_of("index"))
        self.about = paragraph("", small=True, visible=False)
        self.options: dict[str, Choice | TextField] = {}
        self._fold = pn.Column(sizing_mode="stretch_width", margin=0)
        self.index.param.watch(self._show_options, "value")

    @property
    def view(self) -> pn.viewable.Viewable:
        """The widgets, one below the other."""
        return pn.Column(self.index, self.about, self._fold, sizing_mode="stretch_width", margin=0)

    def offer_for(self, units: str | None = None, step: str | None = None) -> None:
        """Offer the indices that data in these units and time steps can be what they are of.

        Parameters
        ----------
        units, step : of the data, and of the request; empty for any, None for those of before
        """
        self._units = self._units if units is None else units
        self._step = self._step if step is None else step
        titles, chosen = _titles(self._units, self._step), self.index.value
        self.index.set_options(titles, chosen if chosen in titles.values() else "")
        self._tell()

    def set_visible(self, is_offered: bool) -> None:
        """Show the widgets, or hide them."""
        self.index.visible = is_offered
        self.about.visible = is_offered and bool(self.about.object)
        self._fold.visible = is_offered and bool(self.index.value)

    def asked(self) -> dict[str, Any]:
        """Return the options of a request; none without an index.

        Raises
        ------
        InvalidRequestError : an option is not allowed; says what is
        """
        if not (name := self.index.value):
            return {}
        kinds = INDICES[name].parameters
        found: dict[str, Any] = {}
        for one, widget in self.options.items():
            given = widget.value.strip()
            if one == COMPARE:
                found |= {one: given} if given else {}
            elif given and (value := kinds[one].read(one, given)) != kinds[one].default:
                found[one] = value
        return {"index": name, "index_options": found}

    def fill_in(self, options: Options) -> None:
        """Fill the fields with the options of a task."""
        self.index.choose(options.index)
        for name, value in options.index_options:
            if widget := self.options.get(name):
                widget.value = str(value)

    def _show_options(self, *events: Any) -> None:
        """Make the fields of what the chosen index can be told."""
        self.options = _fields(self.index.value)
        for widget in self.options.values():
            widget.param.watch(self._changed, "value")
        fold = Fold(tr("Options of the index"), *self.options.values())
        self._fold[:] = [fold] if self.options else []
        self._tell()

    def _tell(self) -> None:
        """Say what the chosen index is; without one, which need another time step."""
        index = self.index.value
        said = (
            index_meaning(index) if index in INDICES else _of_other_steps(self._units, self._step)
        )
        self.about.object = said
        self.set_visible(self.index.visible)


def _titles(units: str, step: str = "") -> Mapping[str, str]:
    """Return label → index, of those that one dataset is enough for."""
    fitting = [name for name in _fitting(units) if not step or step in INDICES[name].time_steps]
    return {tr(NONE): ""} | {f"{name}: {tr(INDICES[name].title)}": name for name in fitting}


def _fitting(units: str) -> list[str]:
    """Return the indices that data in some units can be what they are of; of any if none."""
    return [
        name
        for name, row in INDICES.items()
        if len(row.needs({})) == 1 and (not units or can_be_of(name, units))
    ]


def _of_other_steps(units: str, step: str) -> str:
    """Say which indices are offered with another time step; empty where none are."""
    by_steps: dict[str, list[str]] = {}
    for name in _fitting(units):
        steps = INDICES[name].time_steps
        if step and step not in steps:
            by_steps.setdefault(", ".join(steps), []).append(name)
    said = [
        tr("{names} (of {steps} steps)", names=", ".join(names), steps=steps)
        for steps, names in by_steps.items()
    ]
    if not said:
        return ""
    return tr("With another time step there are also {indices}.", indices=tr("; ").join(said))


def _fields(index: str) -> dict[str, Choice | TextField]:
    if index not in INDICES:
        return {}
    found: dict[str, Choice | TextField] = {}
    for name, kind in INDICES[index].parameters.items():
        label = f"{name}: {tr(kind.means)}"
        if isinstance(kind, Word):
            words = {tr("{value} (default)", value=kind.default): kind.default}
            words |= {word: word for word in kind.choices if word != kind.default}
            found[name] = Choice(label, words)
        else:
            found[name] = TextField(label, str(kind.default))
    if index in CLASSED:
        found[COMPARE] = Choice(tr("Compare with a second library"), said_options(LIBRARIES))
    return found
