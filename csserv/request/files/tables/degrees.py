"""Reads a coordinate as people write it: degrees, or degrees, minutes and seconds, with letters."""

from __future__ import annotations

import re

from csserv.request.files.text_encoding import ungarbled

#: what stands for no coordinate
NOTHING = {
    *("", "nan", "na", "n/a", "n.a.", "nil", "null", "none", "nat", "-", "--", "\u2013", "\u2014"),
    *("?", "unknown", "missing", "no data", "nodata", "#n/a", "#value!", "#ref!", "#div/0!"),
    *("#name?", "#num!", "#null!"),
}

#: longer texts are no coordinates: shapes have 20 kB, and the patterns would take seconds for one
LONGEST = 200

#: letter of a side → its words, in languages that tables are written in
SIDES = {
    "N": ("n", "north", "nord", "norte", "norden", "lu", "\u0634\u0645\u0627\u0644"),
    "S": ("s", "south", "sud", "sur", "sul", "ls", "s\u00fcd", "\u062c\u0646\u0648\u0628"),
    "E": ("e", "east", "est", "este", "leste", "ost", "bt", "\u0634\u0631\u0642"),
    "W": ("w", "west", "ouest", "oeste", "bb", "\u063a\u0631\u0628"),
}

#: word of a side → its letter
SIDE_OF = {word: letter for letter, words in SIDES.items() for word in words}

#: marks of minutes, seconds and signs, and how they are typed; marks that cannot be seen
_TYPED = str.maketrans(
    {"\u2032": "'", "\u2019": "'", "\u2018": "'", "\u00b4": "'", "`": "'", "\u02b9": "'"}
    | {"\u2033": '"', "\u201d": '"', "\u201c": '"', "\u02ba": '"'}
    | {
        "\u00ba": "\u00b0",
        "\u02da": "\u00b0",
        "\u00f8": "\u00b0",
        "\u2212": "-",
        "\u2013": "-",
        "\u066b": ".",
    }
    | dict.fromkeys("\u00a0\u2007\u2009\u202f", " ")
    | dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\u2068\u2069\ufeff", "")
    | {chr(zero + digit): str(digit) for zero in (0x660, 0x6F0) for digit in range(10)}
)

#: words for marks; a letter behind a number may stand for a side, so that these have two at least
_WORDS = (
    (
        re.compile(r"(?<![^\W\d_])(degrees?|degr[e\u00e9]s?|grados?|graus?|deg|dd)\b\.?", re.I),
        "\u00b0",
    ),
    (re.compile(r"(?<![^\W\d_])(minut\w*|mins?)\b\.?", re.I), "'"),
    (re.compile(r"\(([NSEW])\)", re.I), r"\1"),
    (re.compile(r"(?<![^\W\d_])(seconds?|segundos?|secondes?|secs?)\b\.?", re.I), '"'),
    *(
        (re.compile(rf"(?<![^\W\d_])\(?({'|'.join(words[1:])})\)?(?!\w)", re.I), letter)
        for letter, words in SIDES.items()
    ),
)

#: what may be a word, or a letter that is a mark
_HAS_WORDS = re.compile(r"[^\W\d_]{2}|\(|\d\s*[dD]")

#: degrees, minutes and seconds marked by letters; a capital S is south
_LETTERS = re.compile(r"(\d)\s*[dD]\s*(\d[\d.,]*)\s*[mM]\s*(?:(\d[\d.,]*)\s*s?)?")

#: degrees, minutes and seconds: 3°07'08"N, 35 35 49.5 E, N 3° 7.1'
_SEXAGESIMAL = re.compile(
    r"""(?P<before>[NSEW])?\s*(?P<sign>[-+]?)\s*(?P<degrees>\d{1,3})(?:[.,]0+)?\s*[°:\s]\s*
    (?P<minutes>\d{1,2}(?:[.,]\d+)?)\s*(?:[':\s]\s*(?:(?P<seconds>\d{1,2}(?:[.,]\d+)?)
    \s*(?:"|'')?\s*)?)?(?P<after>[NSEW])?""",
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN = re.compile(r"\s*-?\d{1,3}(\.\d{1,20})?\s*", re.ASCII)
_DECIMAL = re.compile(
    r"(?P<before>[NSEW])?\s*(?P<sign>[-+]?)\s*(?P<number>\d*[.,]\d+e\d|(?:\d+(?:[.,]\d*)?|[.,]\d+)"
    r"(?:e[-+]\d+)?)\s*°?\s*(?P<after>[NSEW])?",
    re.IGNORECASE,
)

#: as ports and airports are listed, without marks: 0117S, 03649E, 011731S
_PACKED = re.compile(
    r"(?P<degrees>\d{2}(?=\d{2}(?:\d{2})?(?:\.\d+)?[NS])|\d{3}(?=\d{2}(?:\d{2})?(?:\.\d+)?[EW]))"
    r"(?P<minutes>\d{2}(?:\.\d+)?)(?P<seconds>\d{2}(?:\.\d+)?)?(?P<after>[NSEW])",
    re.IGNORECASE,
)

#: the same with hyphens, which are no sign before a letter: 01-17-31S
_HYPHENS = re.compile(r"\d{1,3}-\d{1,2}(-\d{1,2}([.,]\d+)?)?\s*[NSEW]", re.IGNORECASE)

#: and with dots: 01.17.31S
_DOTS = re.compile(r"^(\d{1,3})\.(\d{2})\.(\d{2}(?:[.,]\d+)?\s*[NSEW])$", re.IGNORECASE)

#: metres with marks of thousands: 9,876,543.21 or 412 345,6
_THOUSANDS = (
    re.compile(r"-?\d{1,3}(?:(,)\d{3})+(?:\.\d*)?"),
    re.compile(r"-?\d{1,3}(?:(\.)\d{3})+(?:,\d*)?"),
    re.compile(r"-?\d{1,3}(?:([ '])\d{3})+(?:[.,]\d*)?"),
)


def degrees(value: object) -> float | None:
    r"""Read a coordinate: a number, with a decimal comma too, or degrees, minutes and seconds.

    >>> [degrees(v) for v in ("3,119", "35.597 E", "3°07'12\"S", "W 10 30", 4, "", "x")]
    [3.119, 35.597, -3.12, -10.5, 4.0, None, None]
    """
    return None if is_nothing(value) else read_degrees(value)[0]


def read_degrees(value: object) -> tuple[float | None, str]:
    """Read a coordinate, and the letter of its side: N, S, E or W, empty where it has none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), ""
    if _PLAIN.fullmatch(str(value)):  # most are
        return float(str(value)), ""
    if len(str(value)) > LONGEST:
        return None, ""
    text = plain_text(value)
    if match := _PACKED.fullmatch(text):
        pass
    elif match := _DECIMAL.fullmatch(text):
        found, letter = _signed(match, float(match["number"].replace(",", ".")))
        # minutes without marks, too: 649E
        is_beyond = abs(found or 0) > (90 if letter in ("N", "S") else 180)
        is_padded = len(match["number"]) > 3 and match["number"].isdigit()
        return (None, "") if letter and (is_beyond or is_padded) else (found, letter)
    else:
        text = text.replace("-", " ") if _HYPHENS.fullmatch(text) else text
        text = _DOTS.sub(r"\1 \2 \3", text)
        match = _SEXAGESIMAL.fullmatch(text)
    if match:
        minutes = float(match["minutes"].replace(",", "."))
        seconds = float((match["seconds"] or "0").replace(",", "."))
        if minutes < 60 and seconds < 60:
            whole = float(match["degrees"]) + (minutes + seconds / 60) / 60
            return _signed(match, round(whole, 9))
    return None, ""


def metres(value: object) -> float | None:
    """Read a coordinate of a map, which may have marks of thousands.

    >>> [metres(v) for v in ("412,345.6", "9.876.543,2", "412 345", 5)]
    [412345.6, 9876543.2, 412345.0, 5.0]
    """
    text = "" if isinstance(value, int | float) else plain_text(value)
    for form in _THOUSANDS:
        if match := form.fullmatch(text):
            return float(text.replace(match[1], "").replace(",", "."))
    return degrees(value)


def plain_text(value: object) -> str:
    """Return a coordinate with marks as they are typed, without what spreadsheets put around."""
    text = str(value)
    if "\u00c2" in text or "\u00e2" in text:  # marks in UTF-8 that was read as cp1252
        text = ungarbled(text)
    text = text.translate(_TYPED).strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    text = text.removeprefix("'")
    if _HAS_WORDS.search(text):
        text = _LETTERS.sub(_with_marks, text)
        for word, mark in _WORDS:
            text = word.sub(mark, text)
    return text.strip()


def is_nothing(value: object) -> bool:
    """Whether a value stands for no coordinate."""
    return value is None or str(value).strip().strip("<>").casefold() in NOTHING


def _with_marks(match: re.Match[str]) -> str:
    degrees_, minutes, seconds = match.groups()
    return f"{degrees_}°{minutes}'" + (f'{seconds}"' if seconds else "")


def _signed(match: re.Match[str], size: float) -> tuple[float | None, str]:
    """Give a size its sign: south and west are below zero, also where a minus says so again."""
    groups = match.groupdict()
    before, after = ((groups.get(side) or "").upper() for side in ("before", "after"))
    letter, is_below = before or after, groups.get("sign") == "-"
    if (letter in ("N", "E") and is_below) or (before and after and before != after):
        return None, letter
    return -size if letter in ("S", "W") or is_below else size, letter
