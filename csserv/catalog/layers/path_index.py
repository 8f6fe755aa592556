"""Features by the path that leads to them, ``Rift Valley/Turkana``; all of a part by ``*``.

A part is a feature, too: what its zones are together, ``Rift Valley``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations

from csserv.catalog.layers.whole_parts import Part
from csserv.catalog.name_index import LONGEST, Feature
from csserv.catalog.near_names import NearNames
from csserv.errors import InvalidAreaError
from csserv.name_folding import fold_name

Path = tuple[str, ...]

#: most choices that a message names
SHOWN = 8


class PathIndex:
    """Finds features that are parts of others, as districts are of provinces.

    A path names some or all of what a feature is part of, the largest first. Case, accents and
    punctuation do not matter.

    Parameters
    ----------
    holds : what there is, to be said where a name is unknown, and like no other
    """

    def __init__(self, features: Iterable[Feature], holds: str = "") -> None:
        self._holds = holds
        self._ids: dict[str, list[Feature]] = defaultdict(list)
        self._paths: dict[str, list[Feature]] = defaultdict(list)
        self._parts: dict[str, dict[Path, list[Feature]]] = defaultdict(lambda: defaultdict(list))
        for feature in features:
            self._ids[feature.id.casefold()].append(feature)
            for above in _some(feature.parents):
                self._paths[_key((*above, feature.name))].append(feature)
            for depth in range(1, len(feature.parents) + 1):
                whole = feature.parents[:depth]
                for above in _some(whole[:-1]):
                    self._parts[_key((*above, whole[-1]))][whole].append(feature)

    def find(self, text: str, what: str) -> list[Feature]:
        """Find one feature by its id, name or path, also a part; or all of a part, by ``path/*``.

        Parameters
        ----------
        what : what the features are, for error messages

        Raises
        ------
        InvalidAreaError : unknown, with the nearest names; or ambiguous, with the choices
        """
        text = text[:LONGEST].strip()
        above, slash, last = text.rpartition("/")
        if slash and last.strip() == "*":
            return self._all_of(above, what)
        key = _key(text.split("/"))
        for known in (self._ids.get(text.casefold(), []), self._paths.get(key, [])):
            if len(known) == 1:
                return known
            if known:
                raise _ambiguous(text, what, [f"{_shown(one)} ({one.id})" for one in known])
        return [Part.of_path(self._part(text, what)[0])]

    @property
    def parts(self) -> Iterator[Part]:
        """The parts that :func:`find` finds by their ids."""
        for key, groups in self._parts.items():
            for path in groups:
                name = "/".join(path)
                is_own = name.casefold() in self._ids or key in self._paths
                if not is_own and _key(path) == key and len(groups) == 1 and path[-1] != "*":
                    yield Part.of_path(path)

    def _all_of(self, above: str, what: str) -> list[Feature]:
        return self._part(above, what)[1]

    def _part(self, above: str, what: str) -> tuple[Path, list[Feature]]:
        """Return the path of a part, and its features."""
        groups = self._parts.get(_key(above.split("/")), {})
        tops = [one for one in groups if not any(one[:n] in groups for n in range(1, len(one)))]
        if len(tops) > 1:
            raise _ambiguous(above, what, ["/".join(one) for one in tops])
        if not tops:
            raise self._unknown(above, what)
        return tops[0], groups[tops[0]]

    def _unknown(self, text: str, what: str) -> InvalidAreaError:
        close = self._near.to(text.rpartition("/")[2].strip())
        holds = f"; {self._holds}" if self._holds else ""
        hint = f"; did you mean {' or '.join(close)}?" if close else holds
        return InvalidAreaError(f"no area {text!r} among the {what}{hint}")

    @cached_property
    def _near(self) -> NearNames:
        names = [one.name for found in self._paths.values() for one in found]
        return NearNames([*names, *(whole[-1] for one in self._parts.values() for whole in one)])


def _some(parents: Path) -> Iterator[Path]:
    """Yield each choice of parents, in their order: a path may leave some out."""
    for count in range(len(parents) + 1):
        yield from combinations(parents, count)


def _key(path: Sequence[str]) -> str:
    # a name may hold a slash itself
    return " ".join(fold_name(part.strip()) for one in path for part in one.split("/"))


def _shown(feature: Feature) -> str:
    return "/".join((*feature.parents, feature.name))


def _ambiguous(text: str, what: str, choices: Sequence[str]) -> InvalidAreaError:
    more = f" and {len(choices) - SHOWN} more" if len(choices) > SHOWN else ""
    return InvalidAreaError(
        f"{text!r} is ambiguous among the {what}: {', '.join(choices[:SHOWN])}{more}"
    )
