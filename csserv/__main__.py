"""``python -m csserv`` runs the command line."""

from __future__ import annotations

from csserv.cli import main

if __name__ == "__main__":
    main()
