"""Libraries are imported when they are used, and change nothing of the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from csserv.climatology.index.index_libraries import load
from csserv.errors import InvalidRequestError

#: climate-indices 3.1.0 replaces the handlers of the root logger, xclim the units of the process
PROBE = """
import logging, sys, pint
logging.getLogger("pint.util").setLevel(logging.ERROR)  # as csserv.logs has it
handler = logging.NullHandler()
logging.getLogger().addHandler(handler)
from csserv.climatology.asked_index import AskedIndex
from csserv.units import converter
AskedIndex("spi", "monthly"), AskedIndex("cdd", "daily")
converter("inch", "km")  # not known by heart: csserv's own units, those of cf_xarray
units = pint.get_application_registry().get()
assert not {"climate_indices", "xclim", "numba"} & set(sys.modules)
from tests.climatology.records import days, index, months, rain
index("spi", rain(540), months())
index("r10mm", rain(730), days(2001, 2002), "daily", reference=None)
assert {"climate_indices", "xclim"} <= set(sys.modules)
assert logging.getLogger().handlers == [handler]
assert logging.getLogger().level == logging.WARNING
assert pint.get_application_registry().get() is units
"""


def test_libraries_load_when_used_and_leave_log_and_units_alone():
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", PROBE],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stderr, done.stdout, done.returncode) == ("", "", 0)


def test_a_library_that_is_not_installed_is_asked_for_in_words():
    with pytest.raises(
        InvalidRequestError, match=r"nowhere is not installed: pip install 'cssv?erv\["
    ):
        load("nowhere.indices", "nowhere")
