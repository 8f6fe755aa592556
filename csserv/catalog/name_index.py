"""Features by id and by name, whatever case, accents and punctuation they are written with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from csserv.catalog.near_names import NearNames
from csserv.errors import InvalidAreaError
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
    """Finds features; made once, as to fold four thousand names takes 12 ms.

    Parameters
    ----------
    others : returns the ids of the features that a text may mean, if it is not their own name
    ambiguous : folded names that mean several features, though one has it for its own
    more : further names that may be suggested
    holds : what there is, to be said where a name is unknown
    """

    def __init__(
        self,
        features: Iterable[Feature],
        others: Callable[[str], Sequence[str]] = lambda text: (),
        ambiguous: Container[str] = (),
        more: Callable[[], Iterable[str]] = tuple,
        holds: str = "",
    ) -> None:
        self._ids: dict[str, list[Feature]] = defaultdict(list)
        self._names: dict[str, list[Feature]] = defaultdict(list)
        for feature in features:
            self._ids[fold_name(feature.id)].append(feature)
            self._names[fold_name(feature.name)].append(feature)
        self._others, self._ambiguous = others, ambiguous
        self._more, self._holds = more, holds

    def find(self, text: str, what: str) -> Feature:
        """Find one feature by its id or name.

        Parameters
        ----------
        what : what the features are, for error messages

        Raises
        ------
        InvalidAreaError : unknown, with the nearest names; or ambiguous, with the ids
        """
        text = text[:LONGEST].strip()
        folded = fold_name(text)
        # a code is meant as it is written: Man is no country, and MÃN no code
        ids = self._ids.get(folded, []) if len(folded) > 3 or text.isascii() else []
        found = ids or self._named(text, folded)
        if len(found) == 1:
            return found[0]
        if found:
            ids_of = ", ".join(_shown(feature) for feature in found)
            raise InvalidAreaError(f"{text!r} is ambiguous among the {what}: {ids_of}")
        raise self._unknown(text, what)

    def named(self, text: str) -> list[Feature]:
        """List the features of a name."""
        return self._names.get(fold_name(text[:LONGEST]), [])

    def _named(self, text: str, folded: str) -> list[Feature]:
        if folded not in self._ambiguous and folded in self._names:
            return self._names[folded]
        return [one for code in self._others(text) for one in self._ids.get(fold_name(code), [])]

    def _unknown(self, text: str, what: str) -> InvalidAreaError:
        close = self._near_in_country(text) or self._near.to(text)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        holds = f"; {self._holds}" if self._holds else ""
        return InvalidAreaError(f"no area {text!r} among the {what}{hint}{holds}")

    def _near_in_country(self, text: str) -> list[str]:
        """List ids like an id of the country that it begins with, as KEN-rift-valey does."""
        iso, dash, _ = text.partition("-")
        if not dash:
            return []
        own = [
            feature.id
            for found in self._names.values()
            for feature in found
            if feature.iso == iso.upper() and feature.id != feature.iso
        ]
        return NearNames(own).to(text)

    @cached_property
    def _near(self) -> NearNames:
        own = (feature.name for found in self._names.values() for feature in found)
        return NearNames([*own, *self._more()])


def _shown(feature: Feature) -> str:
    """Return the id of a feature, with its name where it is a code."""
    return feature.id if len(feature.id) > 3 else f"{feature.id} ({feature.name})"
