"""The questions that a result answers of all its zones at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # slow to import, so loaded where it is used
    import pandas as pd


class ZoneQuestions:
    """What a result says of its zones together: which is the wettest, and a row for each."""

    if TYPE_CHECKING:  # declared for type checkers

        @property
        def in_arrays(self) -> dict[str, Any]:
            """The JSON of the result."""

    def best(
        self,
        most: str = "highest",
        by: str = "step",
        count: int | None = 1,
        value: str = "value",
    ) -> pd.DataFrame:
        """Say which zone has the highest or lowest value, by season, month or year.

        "Which district is the wettest in each season, and do the members agree?" is
        ``result.best("wettest", by="season")``.

        Parameters
        ----------
        most : "highest", "wettest", "warmest"; "lowest", "driest" or "coolest"
        by : "step"; "season" (DJF, MAM, JJA, SON), "month" or "year", of whose steps the mean is
            ranked, steps without data left out; "period" for that of all steps
        count : how many zones, the first ones; equal values share a rank. All if None: their ranks
        value : what is ranked: "value", or a statistic of a request against what is normal, such
            as "percent_of_normal" or "anomaly"

        Returns
        -------
        frame : a row for each group and zone: ``rank`` from 1, ``zone``, ``zone_id``, and the mean
            of the members. Of several members, ``members_agree`` is the share of them that have
            the zone among their own first ones [%], of those that have values

        Raises
        ------
        InvalidRequestError : an argument is not allowed, or a step reaches over two groups
        """
        from csserv.outputs.questions.ranked_zones import rank_zones

        return rank_zones(self.in_arrays, most, by, count, value)

    def table(self, date: Any = None) -> pd.DataFrame:
        """Return a row for each zone at one step: value, what is normal, and rank among zones.

        Against what is normal, if that was asked for: ``normal``, ``anomaly``,
        ``percent_of_normal``, ``percentile_rank`` and ``tercile``. Of several members, ``value`` is
        their mean, ``low`` and ``high`` leave a tenth of them below and above, ``members`` have a
        value, and what is normal is the mean of what is for each.

        Parameters
        ----------
        date : a step of the result, or a day that lies in one; the last with values if None

        Raises
        ------
        InvalidRequestError : no such step, or several
        """
        from csserv.outputs.questions.zone_table import zone_table

        return zone_table(self.in_arrays, date)
