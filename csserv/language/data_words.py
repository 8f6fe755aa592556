"""Words that stand in requests and results, and are translated where people see them."""

from __future__ import annotations

from csserv.language.speaking import mark

#: statistics of an area, as requests name them
STATISTICS = (
    *(mark("mean"), mark("max"), mark("min"), mark("median"), mark("range"), mark("sum")),
    *(mark("total"), mark("std"), mark("variance"), mark("count"), mark("coverage")),
    *(mark("geotiff"), mark("netcdf"), mark("csv")),
)

#: time steps, as requests name them
STEPS = (
    *(mark("native"), mark("daily"), mark("pentad"), mark("weekly"), mark("dekad")),
    *(mark("monthly"), mark("seasonal"), mark("yearly"), mark("period")),
)

#: classes of standardized indices
CLASSES = (
    *(mark("extremely dry"), mark("severely dry"), mark("moderately dry"), mark("near normal")),
    *(mark("moderately wet"), mark("very wet"), mark("extremely wet")),
)

#: states of tasks
STATES = (*(mark("queued"), mark("running"), mark("succeeded"), mark("failed"), mark("cancelled")),)
