"""How to cite a result: the data, the request, and the software."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: characters with a special meaning in TeX → how to write them
TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


@dataclass(frozen=True)
class Citation:
    """A citation as text and as BibTeX; printing it shows the text."""

    text: str
    bibtex: str

    def __str__(self) -> str:
        return self.text


def cite(plain: Mapping[str, Any]) -> Citation:
    """Make the citation of a result from its JSON."""
    asked, known = plain["request"], plain["provenance"]
    dataset = known["dataset"]
    what = f"{asked['operation']} over {asked['area']}, {asked['period']}"
    version = known["versions"]["csserv"]
    made = f"Computed with csserv {version} on {known['finished'][:10]}"
    receipt = f"request {asked['fingerprint'][:16]}"
    source = dataset["citation"] or dataset["source"]
    text = " ".join(
        _sentence(part)
        for part in (dataset["title"], what, f"{made} ({receipt})", source, _licence(dataset))
        if part
    )
    fields = {
        "title": f"{dataset['title']}: {what}",
        "year": known["finished"][:4],
        "howpublished": f"csserv {version}, {receipt}",
        "note": " ".join(_sentence(part) for part in (source, _licence(dataset)) if part),
    }
    key = f"{dataset['name']}-{asked['fingerprint'][:8]}"
    lines = [f"  {name} = {{{_tex(value)}}}," for name, value in fields.items() if value]
    return Citation(text, "\n".join([f"@misc{{{_key(key)},", *lines, "}"]))


def _licence(dataset: Mapping[str, Any]) -> str:
    return f"Licence: {dataset['licence']}" if dataset["licence"] else ""


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _tex(text: str) -> str:
    return "".join(TEX.get(sign, sign) for sign in text)


def _key(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", text)
