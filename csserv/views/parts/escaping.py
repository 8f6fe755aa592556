"""Escaping of text from users and files, which may hold HTML or Markdown."""

from __future__ import annotations

import html
import re

#: characters with a meaning in Markdown or its extensions; a dot, a colon and an @ make links of
#: what looks like an address, such as the name of a file: rain.nc
MARKS = re.compile(r"([\\`*_\[\]~|.:@])")


def escaped(text: object) -> str:
    r"""Escape a text for Alert and Typography, which read Markdown and HTML.

    Otherwise the name of a zone could hold a script.

    >>> escaped("a_b *c* <img onerror='x'> d.nc")
    "a\\_b \\*c\\* &lt;img onerror='x'&gt; d\\.nc"
    """
    return MARKS.sub(r"\\\1", html.escape(str(text), quote=False))
