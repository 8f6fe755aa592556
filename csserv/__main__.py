"""``python -m csserv`` and ``csserv`` run the command line.

Workers are forked from a process that loads this module as well: nothing else is loaded with it.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from csserv.cli import main as run

    run()


if __name__ == "__main__":
    main()
