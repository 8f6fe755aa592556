"""A service on sample data, for trying things out in a notebook."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from csserv.catalog.samples.many_years import build_many_years
from csserv.catalog.samples.real import copy_real_samples
from csserv.catalog.samples.synthetic import SampleSpec, build_sample_archive
from csserv.notebook.service import NotebookService
from csserv.service import Service
from csserv.settings import read_settings

#: two years of East Africa on a coarser grid than that of ``csserv sample-data``
SAMPLE = SampleSpec(cell=0.1, years=(2019, 2020), forecast_days=30)


def demo(folder: Path | str | None = None) -> NotebookService:
    """Open a service on sample data; its workers start in the background, as processes.

    Most data are synthetic: random numbers with seasons and a coast, which say nothing about the
    climate. ``service.datasets`` lists them.

    Parameters
    ----------
    folder : keeps data and results for later; unless given, they go into a temporary folder,
        which is removed when this process ends
    """
    place = Path(folder or tempfile.mkdtemp(prefix="csserv-demo-")).absolute()
    build_sample_archive(place / "data", spec=SAMPLE)
    build_many_years(place / "data")
    copy_real_samples(place / "data")
    settings = read_settings(
        home=place / "home", data=place / "data", catalog=None, scheduler=None, tls=None
    )
    service = Service(settings)
    service.ensure_runner()
    atexit.register(_end, service, None if folder else place)
    return NotebookService(service)


def _end(service: Service, folder: Path | None) -> None:
    service.close(wait=False)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
