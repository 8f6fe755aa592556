"""``python -m csserv`` and ``csserv`` run the command line.

Workers are forked from a process that loads this module as well: nothing else is loaded with it.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper


def main() -> None:
    """Run the command line."""
    from csserv.cli import main as run

    out = sys.stdout
    if isinstance(out, TextIOWrapper) and out.errors == "strict":
        # a name that the terminal cannot show is shown with escapes, as errors show it
        out.reconfigure(errors="backslashreplace")
    run()


if __name__ == "__main__":
    main()
