"""Escaping of text from users and files, which may hold HTML or Markdown."""

from __future__ import annotations

import html
import re

#: characters with a meaning in Markdown or its extensions
MARKS = re.compile(r"([\\`*_\[\]~|])")

#: a word that Markdown would make a link of, though it says no scheme: the name of a file, rain.nc
NO_ADDRESS = re.compile(r"(?<!\S)(?!\S*://)\S+")
INNER_DOT = re.compile(r"(?<=\w)([.@])(?=\w)")


def escaped(text: object) -> str:
    r"""Escape a text for Alert and Typography, which read Markdown and HTML.

    Otherwise the name of a zone could hold a script.

    >>> escaped("a_b *c* <img onerror='x'> d.nc: https://a.b")
    "a\\_b \\*c\\* &lt;img onerror='x'&gt; d\\.nc: https://a.b"
    """
    marked = MARKS.sub(r"\\\1", html.escape(str(text), quote=False))
    return NO_ADDRESS.sub(lambda word: INNER_DOT.sub(r"\\\1", word[0]), marked)
