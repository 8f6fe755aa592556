"""Values of fields as texts, and which of them may be names of zones."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from csserv.request.plain_text import name_of, one_line

#: field → its value of each zone
Fields = Mapping[str, Sequence[object]]

#: fields of codes, and of other names of what has one
CODES = re.compile(
    r"code|hasc|\biso|_iso|iso\b|iso_|\bg?id|id\b|_id|pcod|ref\b|type|\bcc_|fips|date|valid|url"
    r"|sour|licen|\bvar|(\b|\d|_)alt|nl_"
)

#: fields of texts that are no names
_TEXTS = re.compile(r"desc|comment|remark|note|phone|mail|web|colou?r|style|fill|stroke|time|icon")

#: texts that stand for no name
NOTHING = {
    *("", "n/a", "n.a.", "n.a", "na", "#n/a", "none", "null", "<null>", "nil", "nan", "-", "--"),
    *("?", "unknown", "no data", "not available", "not applicable", "sans objet", "sin dato"),
}

#: texts that are no names: numbers, dates, colours, addresses, codes, what pages and reports hold
_NO_NAME = re.compile(
    r"[-+]?[\d.,\s%]+|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b.*|#[0-9a-fA-F]{3,8}|(https?:|www\.).*"
    r"|[^\s@]+@[^\s@]+|[A-Z]{2,}[-_.]?\d[\w.-]*|[\da-fA-F{}-]{16,}|.{100,}",
)
_TAG = re.compile(r"<\w[^<>]*>")

#: least share of zones that have a name of their own in a field of unknown meaning, for it to count
OWN = 0.8


def texts_of(values: Sequence[object]) -> tuple[str, ...]:
    """Return values as names or ids; empty for what is neither text nor number."""
    return tuple(one_line(one) if type(one) is str else _text(one) for one in values)


def share_there(values: Sequence[object]) -> float:
    """Return the share of values that are there [1]; "n.a." and the like are not."""
    return sum(not _is_nothing(text) for text in texts_of(values)) / max(1, len(values))


def _is_nothing(text: str) -> bool:
    return text.casefold() in NOTHING


def differs(values: Sequence[object]) -> bool:
    """Whether zones have at least two texts, or there is one zone alone."""
    if len(values) < 2:
        return True
    return sum(not _is_nothing(text) for text in set(texts_of(values))) > 1


def holds_texts(values: Sequence[object]) -> bool:
    """Whether there is a text among values."""
    return any(isinstance(value, str) and value for value in values)


def are_ids(texts: Sequence[str]) -> bool:
    """Whether each zone has a text, and no other the same."""
    return all(texts) and len(set(texts)) == len(texts)


def are_names(texts: Sequence[str]) -> bool:
    """Whether each zone has a text of its own, most of them without a digit."""
    return are_ids(texts) and sum(any(map(str.isdigit, one)) for one in texts) < len(texts) / 2


def name_themselves(fields: Fields) -> Iterator[str]:
    """Yield fields of unknown meaning in which zones have each another text, which may be names."""
    for field, values in fields.items():
        plain = field.casefold()
        if CODES.search(plain) or _TEXTS.search(plain) or not holds_texts(values):
            continue
        texts = texts_of(values)
        if len(set(filter(_may_be_name, texts))) >= OWN * len(texts):
            yield field


def _may_be_name(text: str) -> bool:
    return not (_is_nothing(text) or _NO_NAME.fullmatch(text) or _TAG.search(text))


def _text(value: object) -> str:
    """Return a value as a text; numbers without a fraction as whole ones, nothing for NaN."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        value = int(value) if value.is_integer() else value
    return name_of(value)
