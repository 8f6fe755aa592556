"""An area file that has been read: an area is made of it once its fields are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePosixPath

from csserv.request.area import Area
from csserv.request.files.features import Features
from csserv.request.files.file_choices import FileChoices
from csserv.request.limits import Limits
from csserv.request.naming.zone_names import Labels

#: values that are shown of each field, and letters of each
FEW, SHORT = 3, 24


@dataclass(frozen=True, eq=False)
class AreaFile:
    """What was read of a file, its name, and how it is to be taken."""

    name: str
    features: Features
    limits: Limits
    choices: FileChoices

    def area(self) -> Area:
        """Make an area of it.

        Raises
        ------
        InvalidAreaError : no usable zones, or there is no such field
        AreaTooLargeError : more zones or vertices than the limits allow
        """
        title = PurePosixPath(self.name).stem
        return self.features.to_area(self.name, title, self.limits, self.choices)

    def named_by(self, name_field: str, id_field: str) -> AreaFile:
        """Return the same with other fields of names and ids; empty for the likeliest."""
        fields = replace(self.choices, name_field=name_field, id_field=id_field)
        return replace(self, choices=fields)

    @property
    def labels(self) -> Labels:
        """Names and ids of the zones, and the fields they are taken from."""
        table = self.features.table
        return table.labels(self.features.mixed, self.choices.name_field, self.choices.id_field)

    def fields(self, only_ids: bool = False) -> dict[str, str]:
        """Return each field with its first values.

        Parameters
        ----------
        only_ids : whether to leave out fields that are lacking, or the same, for some zones
        """
        found = self.features.table.texts(self.features.mixed)
        return {
            field: _first(texts)
            for field, texts in found.items()
            if any(texts) and not (only_ids and (not all(texts) or len(set(texts)) < len(texts)))
        }


def _first(texts: Sequence[str]) -> str:
    """Return the first different values of a field."""
    different = dict.fromkeys(filter(None, texts))
    return ", ".join(
        one if len(one) <= SHORT else f"{one[:SHORT]}…" for one in islice(different, FEW)
    )
