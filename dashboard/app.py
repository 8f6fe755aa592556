"""The dashboard: ``csserv serve``, or ``panel serve dashboard/app.py --plugins csserv.http``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import panel as pn

import csserv
from csserv.machine.collection_pause import pause_collection

# Panel runs this file as a script, outside any package, so relative imports do not work in it
INSTALLED = Path(__file__).resolve().parents[1] == Path(csserv.__file__).resolve().parent
PACKAGE = "csserv.dashboard" if INSTALLED else "dashboard"

pn.extension()

with pause_collection():
    main_page = import_module(f"{PACKAGE}.main_page")
main_page.page().servable(title="csserv")
