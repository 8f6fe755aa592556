"""Escaping of text from users and files, which may hold HTML or Markdown."""

from __future__ import annotations

import html
import re

#: characters with a meaning in Markdown or its extensions
MARKS = re.compile(r"([\\`*_\[\]~|])")


def escaped(text: object) -> str:
    r"""Escape a text for Alert and Typography, which read Markdown and HTML.

    Otherwise the name of a zone could hold a script.

    >>> escaped("a_b *c* <img onerror='x'>")
    "a\\_b \\*c\\* &lt;img onerror='x'&gt;"
    """
    return MARKS.sub(r"\\\1", html.escape(str(text), quote=False))
