"""Features by id and by name, whatever case, accents and punctuation they are written with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from csserv.errors import InvalidAreaError, nearest
from csserv.name_folding import fold_name

#: longest text that is looked up [characters]
LONGEST = 200


@dataclass(frozen=True)
class Feature:
    """One zone of a layer: its id and name, without its geometry."""

    id: str
    name: str
    iso: str  #: ISO 3166 code of the country, three letters
    parents: tuple[str, ...] = ()  #: names of what it is part of, the largest first


class NameIndex:
    """Finds features; made once, as to fold four thousand names takes 30 ms."""

    def __init__(self, features: Iterable[Feature]) -> None:
        self._ids: dict[str, list[Feature]] = defaultdict(list)
        self._names: dict[str, list[Feature]] = defaultdict(list)
        for feature in features:
            self._ids[fold_name(feature.id)].append(feature)
            self._names[fold_name(feature.name)].append(feature)

    def find(self, text: str, what: str) -> Feature:
        """Find one feature by its id or name.

        Parameters
        ----------
        what : what the features are, for error messages

        Raises
        ------
        InvalidAreaError : unknown, with the nearest names; or ambiguous, with the ids
        """
        folded = fold_name(text[:LONGEST])
        for known in (self._ids, self._names):
            found = known.get(folded, [])
            if len(found) == 1:
                return found[0]
            if found:
                ids = ", ".join(feature.id for feature in found)
                raise InvalidAreaError(f"{text!r} is ambiguous among the {what}: {ids}")
        every = (feature.name for features in self._names.values() for feature in features)
        names = nearest(text[:LONGEST], list(every))
        hint = f"; did you mean {' or '.join(names)}?" if names else ""
        raise InvalidAreaError(f"no area {text[:LONGEST]!r} among the {what}{hint}")
