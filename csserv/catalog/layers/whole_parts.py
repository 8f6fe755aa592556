"""Parts of a layer as zones of their own: a province, put together of its districts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import shapely

from csserv.catalog.name_index import Feature
from csserv.errors import InvalidAreaError
from csserv.request import Zone


@dataclass(frozen=True)
class Part(Feature):
    """What several features are part of; its id is its path, and may be that of a feature, too."""

    @classmethod
    def of_path(cls, path: tuple[str, ...]) -> Self:
        """Return the part of a path.

        >>> Part.of_path(("Lakeland", "South"))
        Part(id='Lakeland/South', name='South', iso='', parents=('Lakeland',))
        """
        return cls("/".join(path), path[-1], "", path[:-1])

    def members(self, features: Sequence[Feature]) -> list[Feature]:
        """List those of the features that it is made of."""
        path = (*self.parents, self.name)
        return [one for one in features if one.parents[: len(path)] == path]


def parts_at(features: Sequence[Feature], depth: int) -> list[Part]:
    """List the parts at a depth, 1 for the largest, in the order of their first zones."""
    paths = dict.fromkeys(one.parents[:depth] for one in features if len(one.parents) >= depth)
    return [Part.of_path(path) for path in paths]


def depth_of(features: Sequence[Feature]) -> int:
    """Return how many parts a zone is in, at most, one in the other."""
    return max((len(one.parents) for one in features), default=0)


def put_together(part: Part, zones: Sequence[Zone]) -> Zone:
    """Return the zone of a part: all that lies in one of its zones, once.

    Raises
    ------
    InvalidAreaError : its zones are points, which have no common shape
    """
    shapes = [zone.geometry for zone in zones]
    if not all(shape.area for shape in shapes):
        raise InvalidAreaError(
            f"{part.id!r} has points, which are no zone together; ask for each, {part.id}/*"
        )
    return Zone(part.id, part.name, shapely.union_all(shapes), part.parents)
