"""Reads an area from an uploaded file, and lets a user choose its layer, and names of zones."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import panel as pn
import panel_material_ui as pmui

from csserv.errors import InvalidAreaError
from csserv.language import tr
from csserv.request import Area
from csserv.request.files import AreaFile, FileChoices, open_upload
from csserv.request.files.file_choices import NO_CHOICES
from csserv.request.limits import Limits
from csserv.request.naming.zone_names import Labels
from csserv.request.plain_text import one_line
from csserv.views.area.place_lookup import LARGEST_FILE
from csserv.views.parts.amounts import counted
from csserv.views.parts.html_parts import Choice, Fold, TextField

#: encodings that texts without one are often in
ENCODINGS = {
    "as the file says": "",
    "UTF-8": "utf-8",
    "Arabic (Windows 1256)": "cp1256",
    "Western (Windows 1252)": "cp1252",
    "Central European (Windows 1250)": "cp1250",
    "Cyrillic (Windows 1251)": "cp1251",
    "Turkish (Windows 1254)": "cp1254",
    "Western (DOS 850)": "cp850",
    "Arabic (DOS 864)": "cp864",
}

#: names of zones that are shown
FEW = 5


class FilePicker(pn.viewable.Viewer):
    """A field for a file, and what of it can be chosen once it has been read.

    Parameters
    ----------
    limits : most zones and vertices
    take : called with each area that is read
    refuse : called with why a file gives no area
    """

    def __init__(
        self,
        limits: Limits,
        take: Callable[[Area], None],
        refuse: Callable[[str], None],
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._limits, self._take, self._refuse = limits, take, refuse
        self._sent: tuple[str, bytes] = ("", b"")
        self._file: AreaFile | None = None
        self._filling = False  # whether the fields are changed by us
        self._asked = NO_CHOICES  # how the file was read, as the fields show it
        self._named = ("", "")  # which fields name its zones, as shown
        # it takes files of any ending, as we say in words which are read, and it would say nothing
        self.upload = pmui.FileInput(
            label=tr(
                "Choose a file of at most {most} MB; a shapefile as zip", most=LARGEST_FILE >> 20
            ),
            uploaded_label=tr("Sent: {filename}"),
            max_file_size=LARGEST_FILE,
            variant="outlined",
            margin=(6, 0),
            sizing_mode="stretch_width",
            size="small",
        )
        self.layer = Choice(tr("Layer"), {}, visible=False)
        self.lon = Choice(tr("Longitudes"), {}, visible=False)
        self.lat = Choice(tr("Latitudes"), {}, visible=False)
        self.names = Choice(tr("Names of zones"), {}, visible=False)
        self.ids = Choice(tr("Ids of zones"), {}, visible=False)
        self.crs = TextField(tr("Coordinate system"), tr("EPSG:32737, if the file does not say it"))
        self.encoding = Choice(tr("Encoding of texts"), ENCODINGS, margin=(2, 0, 12, 0))
        self.zones = pn.pane.HTML("", visible=False, sizing_mode="stretch_width", margin=(6, 2))
        self.upload.param.watch(self._uploaded, "value")
        for choice in (self.layer, self.lon, self.lat, self.crs, self.encoding):
            choice.param.watch(self._read_anew, "value")
        for choice in (self.names, self.ids):
            choice.param.watch(self._named_anew, "value")

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the fields."""
        further = Fold(tr("If places or names are wrong"), self.crs, self.encoding, margin=(4, 0))
        places = (self.upload, self.layer, self.lon, self.lat)
        return pn.Column(
            *places,
            self.zones,
            self.names,
            self.ids,
            further,
            sizing_mode="stretch_width",
            margin=0,
        )

    async def _uploaded(self, event: Any) -> None:
        if event.new:
            self._sent = str(self.upload.filename), bytes(event.new)
            with self._quietly():
                self.crs.value = self.encoding.value = ""
                self._show_layers({}, "")
                self._show_columns((), ("", ""))
                self._hide_fields()  # those of the file before
            await self._read()
            self.upload.clear()  # so that the same file is read again after a change

    async def _read_anew(self, event: Any) -> None:
        # what we fill in ourselves is told later, when it has been read already
        if not self._sent[0] or self._filling or self._choices == self._asked:
            return
        if self.layer.value != self._asked.layer:  # another sheet has columns of its own
            with self._quietly():
                self._show_columns((), ("", ""))
        await self._read()

    async def _named_anew(self, event: Any) -> None:
        chosen = self.names.value, self.ids.value
        # what we fill in ourselves is told later: it would take what was chosen since back again
        if self._file and not self._filling and chosen != self._named:
            self._named, self._file = chosen, self._file.named_by(*chosen)
            await self._use(self._file)

    @property
    def _choices(self) -> FileChoices:
        """How the file is to be read, by the fields."""
        return FileChoices(
            layer=self.layer.value,
            crs=self.crs.value.strip(),
            encoding=self.encoding.value,
            lon_field=self.lon.value,
            lat_field=self.lat.value,
        )

    async def _read(self) -> None:
        """Read the file that was sent, as it is chosen to be read, unless it is overtaken."""
        sent, choices = self._sent, self._choices
        self._asked = choices
        try:
            file = await asyncio.to_thread(open_upload, *sent, self._limits, choices)
        except InvalidAreaError as error:
            if self._is_latest(sent, choices):
                self._offer_others(error)
                self._refuse(str(error))
        else:
            if self._is_latest(sent, choices):
                self._offer_places(file, choices.layer)
                self._file = file
                await self._use(file)

    def _is_latest(self, sent: tuple[str, bytes], choices: FileChoices) -> bool:
        """Whether nothing has been sent or chosen since that file was begun to be read."""
        return self._sent is sent and self._asked == choices

    def _offer_others(self, error: InvalidAreaError) -> None:
        """Offer what may be chosen so that the file can be read."""
        self._file = None
        with self._quietly():
            if error.layers:
                self._show_layers({"": tr("choose one")} | error.layers, "")
            if error.columns:
                self._show_columns(error.columns, (self.lon.value, self.lat.value))
            self._hide_fields()

    def _offer_places(self, file: AreaFile, layer: str) -> None:
        """Offer other layers and columns of a file that has been read."""
        with self._quietly():
            if layers := file.features.layers:  # those of a ZIP are known from before
                self._show_layers(layers, layer)
            self._show_columns(file.features.columns, file.features.used)

    async def _use(self, file: AreaFile) -> None:
        try:
            area, offered = await asyncio.to_thread(lambda: (file.area(), _Offered.of(file)))
        except InvalidAreaError as error:
            if file is self._file:
                self._refuse(str(error))
            return
        if file is not self._file:
            return  # another was sent or chosen since
        with self._quietly():
            offered.show(self.names, self.ids)
            self._named = self.names.value, self.ids.value
            self.zones.param.update(object=_first_names(area), visible=True)
        self._take(area)

    def _show_layers(self, layers: Mapping[str, str], chosen: str) -> None:
        options = {_apart(said): name for name, said in layers.items()}
        self.layer.set_options(options, chosen or next(iter(layers), ""))
        self.layer.visible = bool(layers)

    def _show_columns(self, columns: Sequence[str], used: tuple[str, str]) -> None:
        """Offer the columns of a table for coordinates."""
        for choice, value in zip((self.lon, self.lat), used, strict=True):
            options = {_apart(one): one for one in columns}
            choice.set_options(options if value else {tr("choose one"): ""} | options, value)
            choice.visible = bool(columns)

    def _hide_fields(self) -> None:
        for one in (self.names, self.ids, self.zones):
            one.visible = False

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Change fields without that the file is read for it."""
        self._filling = True
        is_read = self._choices == self._asked
        try:
            yield
            if is_read:
                self._asked = self._choices
        finally:
            self._filling = False


@dataclass(frozen=True)
class _Offered:
    """Fields of a file to choose names and ids from, each with its first values."""

    names: Mapping[str, str]
    ids: Mapping[str, str]
    used: Labels

    @classmethod
    def of(cls, file: AreaFile) -> Self:
        return cls(file.fields(), file.fields(only_ids=True), file.labels)

    def show(self, names: Choice, ids: Choice) -> None:
        for choice, fields, used in (
            (names, self.names, self.used.name_field),
            (ids, self.ids, self.used.id_field),
        ):
            options = {f"{_apart(field)}: {_apart(few)}": field for field, few in fields.items()}
            if used not in fields:
                options = {tr("numbers"): ""} | options
            choice.set_options(options, used if used in fields else "")
            choice.visible = bool(fields)


def _apart(text: str) -> str:
    """Keep a text that is written from the right apart from what is beside it."""
    return f"\u2068{one_line(text)}\u2069"


def _first_names(area: Area) -> str:
    """Say how many zones there are, and what the first are called."""
    names = [zone.name for zone in area.zones[:FEW]]
    more = ", …" if len(area.zones) > FEW else ""
    shown = ", ".join(f"<bdi>{html.escape(name)}</bdi>" for name in names)
    count = len(area.zones)
    return f"{counted(count, 'zone')}: {shown}{more}"
