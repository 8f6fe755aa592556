"""Comparisons for notebooks: of datasets that are asked the same, or of results, with a plot."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from csserv.errors import InvalidRequestError
from csserv.language import few_digits
from csserv.outputs.questions.compared_results import Comparison
from csserv.outputs.series_result import SeriesResult


@dataclass(frozen=True, eq=False)
class PlottableComparison(Comparison):
    """Results of the same zones, with a plot."""

    def plot(self, zone: str | None = None, **options: Any) -> Any:
        """Draw a line for each result, of one zone.

        Parameters
        ----------
        zone : name; needed only if there are several
        options : of hvPlot, such as ``title``, ``width``, ``height``

        Raises
        ------
        InvalidRequestError : no such zone, or several; says what there is
        """
        from csserv.views.result.season_plots import draw_comparison

        return draw_comparison(self, zone, options)

    def _repr_html_(self) -> str:
        found: str = self.table().to_html(index=False, float_format=lambda one: few_digits(one, 4))
        return found


def name_results(results: list[tuple[str, SeriesResult]]) -> PlottableComparison:
    """Name results by their datasets; those of one dataset by its name and a number."""
    if len(results) < 2:
        raise InvalidRequestError(
            'name two datasets or results to compare: service.compare("chirps", "era5", …)'
        )
    counts = Counter(name for name, _ in results)
    seen: Counter[str] = Counter()
    named = {}
    for name, one in results:
        seen[name] += 1
        named[f"{name} {seen[name]}" if counts[name] > 1 else name] = one
    return PlottableComparison(named)
