"""What each index is, in the language of the page: its definition, and where that is from."""

from __future__ import annotations

from csserv.climatology.index_descriptions import describe_index
from csserv.language import mark, tr

#: definitions, as ``describe_index`` has them, without names of programs and papers
DEFINITIONS = (
    mark("Standardized precipitation index: rain of n steps against the same steps of other years"),
    mark("Standardized precipitation evapotranspiration index: the same of rain less evaporation"),
    mark("Rain of n steps, in per cent of its mean in the same steps of the reference"),
    mark("Tenth of the reference that rain of n steps lies in: 1 the driest, 10 the wettest"),
    mark("EDDI: how unusual the evaporative demand of n steps is; high is dry"),
    mark("VCI: where NDVI lies between the lowest and the highest of the reference, in per cent"),
    mark("Longest run of days below wet_day"),
    mark("Longest run of days of wet_day or more"),
    mark("Runs of n days or more below wet_day"),
    mark("Runs of n days or more of at least wet_day"),
    mark("Days of 10 mm/day or more"),
    mark("Days of 20 mm/day or more"),
    mark("Days of wet_day or more"),
    mark("Days whose highest temperature is above hot_day"),
    mark(
        "First wet day of the first wet spell that no dry spell follows; days after the search "
        "began. A wet spell is spell_days days with spell_rain mm or more in all, wet_days of them "
        "wet: more than wet_day mm. A dry spell is dry_days days in a row that are not wet, the "
        "last of them one of the look_ahead days after the wet spell"
    ),
    mark(
        "First of dry_days days in a row on which the soil holds less than dry_soil mm. The soil "
        "takes up rain, loses loss mm a day, and holds from 0 to capacity mm; it is empty 60 days "
        "before the search"
    ),
)


def index_meaning(index: str) -> str:
    """Say what an index is, where its definition is from, and of which time steps it is.

    >>> index_meaning("r10mm")
    'Days of 10 mm/day or more. Source: xclim.indices.wetdays. Of daily steps; by xclim.'
    """
    said = describe_index(index)
    definition, _, source = said["definition"].replace("``", "").partition(". Source: ")
    steps = ", ".join(map(tr, said["time_steps"]))
    parts = [f"{tr(definition)}."]
    if source:
        parts.append(tr("Source: {source}.", source=source.rstrip(".")))
    parts.append(tr("Of {steps} steps; by {library}.", steps=steps, library=said["library"]))
    return " ".join(parts)
