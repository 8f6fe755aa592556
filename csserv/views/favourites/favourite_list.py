"""The areas or questions that somebody has saved: to use, rename and remove them, and save more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

from csserv.access.favourites import KINDS, Favourite, Favourites, check_room
from csserv.errors import CsservError, InvalidRequestError
from csserv.language import mark, tr
from csserv.views.parts.assets import script, style

#: what the list of a kind says: its field and button, and that nothing is saved
TEXTS = {
    "area": {
        "name": mark("Name of the area"),
        "save": mark("Save this area"),
        "none": mark("Nothing is saved yet: choose an area, and give it a name here."),
    },
    "question": {
        "name": mark("Name of the question"),
        "save": mark("Save this question"),
        "none": mark("Nothing is saved yet: ask something, and give it a name here."),
    },
}


class FavouriteList(JSComponent):
    """Lists favourites of one kind, those of a user on the server, or those of the browser.

    Parameters
    ----------
    kind : a key of ``KINDS``
    make : makes a favourite of what is on the page now, under a title
    use : called with the favourite that was chosen
    keeper : returns where those of the user are, who may have lost access; None for the browser
    hide : takes names of folders out of an error's text
    """

    kind = param.String()
    texts = param.Dict(default={}, doc="what the list says")
    is_here = param.Boolean(doc="whether the browser keeps them, and not the server")
    titles = param.List(default=[], doc="titles of those on the server")

    _esm = script("parts/dom", "favourites/browser_store", "favourites/favourite_list")
    _stylesheets = style("parts/base", "parts/notice", "favourites/favourite_list")

    def __init__(
        self,
        kind: str,
        make: Callable[[str], Awaitable[Favourite]],
        use: Callable[[Favourite], Awaitable[None]],
        keeper: Callable[[], Favourites] | None = None,
        hide: Callable[[str], str] = str,
        **params: Any,
    ) -> None:
        self._make, self._use, self._keeper, self._hide = make, use, keeper, hide
        texts = {name: tr(text) for name, text in TEXTS[kind].items()}
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (0, 0, 8, 0)} | params
        super().__init__(kind=kind, texts=texts, is_here=keeper is None, **look)

    def _handle_msg(self, msg: Any) -> None:
        acts = {
            "look": self._look,
            "save": self._save,
            "use": self._open,
            "rename": self._change_title,
            "remove": self._remove,
        }
        if isinstance(msg, dict) and (act := acts.get(str(msg.get("act")))):
            pn.state.execute(partial(self._try, act, msg))

    async def _try(self, act: Callable[[Mapping[str, Any]], Awaitable[None]], msg: Any) -> None:
        try:
            await act(msg)
        except CsservError as error:
            self._tell("warning", self._hide(str(error)))
            if not self.is_here:
                await self._refresh()

    async def _look(self, msg: Mapping[str, Any]) -> None:
        if self._keeper:
            self.titles = await asyncio.to_thread(self._listed)

    async def _refresh(self) -> None:
        try:
            self.titles = await asyncio.to_thread(self._listed)
        except CsservError:  # it was told of what was tried before
            self.titles = []

    async def _save(self, msg: Mapping[str, Any]) -> None:
        title = str(msg.get("title", ""))
        taken = self._taken(msg) if self.is_here else await asyncio.to_thread(self._listed)
        check_room(self.kind, title, taken)
        made = await self._make(title)
        if self._keeper is None:
            self._send_msg({"do": "put", **_plain(made)})
            return
        await asyncio.to_thread(self._keeper().add, made)
        await self._look(msg)
        self._tell("success", tr("{title} is saved.", title=made.title), done=True)

    async def _open(self, msg: Mapping[str, Any]) -> None:
        title = str(msg.get("title", ""))
        if self._keeper:
            found = await asyncio.to_thread(self._keeper().find, self.kind, title)
        else:
            found = Favourite.of(
                self.kind, title, str(msg.get("query", "")), str(msg.get("shape", ""))
            )
        await self._use(found)
        self._tell("success", tr("{title} is on the page.", title=found.title))

    async def _change_title(self, msg: Mapping[str, Any]) -> None:
        title, to = str(msg.get("title", "")), str(msg.get("to", ""))
        if self._keeper:
            await asyncio.to_thread(self._keeper().rename, self.kind, title, to)
            await self._look(msg)
            said = tr("{title} is now called {name}.", title=title, name=" ".join(to.split()))
            self._tell("success", said)
            return
        new = Favourite.of(self.kind, to, "")
        check_room(self.kind, to, [one for one in self._taken(msg) if one != title])
        self._send_msg({"do": "rename", "title": title, "to": new.title})

    async def _remove(self, msg: Mapping[str, Any]) -> None:
        if self._keeper is None:  # the browser does it by itself
            return
        title = str(msg.get("title", ""))
        await asyncio.to_thread(self._keeper().remove, self.kind, title)
        await self._look(msg)
        self._tell("success", tr("{title} is removed.", title=title))

    def _listed(self) -> list[str]:
        if self._keeper is None:
            return []
        return [one.title for one in self._keeper().list(self.kind)]

    def _taken(self, msg: Mapping[str, Any]) -> list[str]:
        """Return the titles that the browser has."""
        given = msg.get("taken")
        if not isinstance(given, list):
            raise InvalidRequestError(f"{KINDS[self.kind]}: no list of names was sent")
        return list(map(str, given))

    def _tell(self, severity: str, text: str, done: bool = False) -> None:
        self._send_msg({"do": "tell", "severity": severity, "text": text, "done": done})


def _plain(one: Favourite) -> dict[str, str]:
    return {"title": one.title, "query": one.query, "shape": one.shape}
