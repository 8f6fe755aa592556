"""Saved areas and favourite questions of the page of a request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from csserv.access.favourites import Favourite, Favourites
from csserv.errors import InvalidRequestError
from csserv.language import tr
from csserv.request import Area
from csserv.service import Service
from csserv.views.address.asked_query import AskedQuery
from csserv.views.address.fitting import query_of
from csserv.views.area.area_map import AreaMap
from csserv.views.favourites.favourite_list import FavouriteList
from csserv.views.favourites.packed import favourite_of, opened
from csserv.views.request.request_form import RequestForm

#: fills the form and the map with what is asked, an area, and what is not to be had
Fill = Callable[[AskedQuery, Area | None, tuple[str, ...]], Awaitable[None]]


class RequestFavourites:
    """Lists of both kinds; saves what form and map have, and puts into them what is chosen.

    Parameters
    ----------
    keeper : returns where the favourites of the user are; None for those of the browser
    """

    def __init__(
        self,
        service: Service,
        form: RequestForm,
        area_map: AreaMap,
        fill: Fill,
        keeper: Callable[[], Favourites] | None,
    ) -> None:
        self._service, self._form, self._map, self._fill = service, form, area_map, fill
        hide = service.settings.without_paths
        self.areas = FavouriteList("area", self._area, self._use_area, keeper, hide)
        self.questions = FavouriteList("question", self._question, self._ask, keeper, hide)

    async def _area(self, title: str) -> Favourite:
        area = self._map.area
        if area is None:
            raise InvalidRequestError(tr("choose an area: on the map, by name, or from a file"))
        return await self._made("area", title, AskedQuery())

    async def _question(self, title: str) -> Favourite:
        asked = query_of(self._form.fields, ())
        if asked is None:
            raise InvalidRequestError(
                tr("A field cannot be used as it is; what is wrong is said above Submit.")
            )
        return await self._made("question", title, asked)

    async def _made(self, kind: str, title: str, asked: AskedQuery) -> Favourite:
        service = self._service
        known = (self._map.area, service.layers, service.limits)
        return await asyncio.to_thread(favourite_of, kind, title, asked, *known)

    async def _use_area(self, favourite: Favourite) -> None:
        _, area, lost = await self._opened(favourite)
        if area is None:
            gone = tr("{title} is not there any more, or cannot be read.", title=favourite.title)
            raise InvalidRequestError("\n".join(lost) or gone)
        self._map.multiple = len(area.zones) > 1
        self._map.choose(area)

    async def _ask(self, favourite: Favourite) -> None:
        await self._fill(*await self._opened(favourite))

    async def _opened(
        self, favourite: Favourite
    ) -> tuple[AskedQuery, Area | None, tuple[str, ...]]:
        service = self._service
        return await asyncio.to_thread(opened, favourite, service.layers, service.limits)
