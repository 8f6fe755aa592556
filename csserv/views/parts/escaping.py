"""Text of others, shown as it is written: names and errors are neither HTML nor Markdown."""

from __future__ import annotations

import html
import re

#: means something in Markdown, or in what follows it
MARKS = re.compile(r"([\\`*_\[\]~|])")


def plain(text: object) -> str:
    r"""Write text for a page so that what stands in it is seen, and nothing else happens.

    Alerts and Typography read Markdown, and HTML in it: the name of a zone could hold a script.

    >>> plain("a_b *c* <img onerror='x'>")
    "a\\_b \\*c\\* &lt;img onerror='x'&gt;"
    """
    return MARKS.sub(r"\\\1", html.escape(str(text), quote=False))
