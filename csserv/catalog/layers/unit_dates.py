"""As of when the bundled first-level units hold: said with each area that is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from csserv.catalog.name_index import Feature
from csserv.notes import Note

ADVICE = "for others, add a layer of your own (csserv layers add)"

#: most countries of an area that are told of one by one
MOST = 3

#: most units of a country that are listed
LISTED = 12


@dataclass(frozen=True)
class FormerUnits:
    """Units of a country that have changed since.

    Attributes
    ----------
    has : what the layer has
    until : year in which that changed
    since : what there is since then
    """

    country: str
    has: str
    until: int
    since: str

    def __str__(self) -> str:
        return f"{self.country} is here by its {self.has} of before {self.until} ({self.since})"


#: ISO code → units that have changed; by counts and names of the layer against the laws since
FORMER = {
    "AGO": FormerUnits("Angola", "18 provinces", 2024, "21 since"),
    "BDI": FormerUnits("Burundi", "17 provinces", 2015, "18 since, 5 since 2025"),
    "BGD": FormerUnits("Bangladesh", "7 divisions", 2015, "8 since, with Mymensingh"),
    "CAF": FormerUnits("Central African Rep.", "16 prefectures and Bangui", 2020, "20 since"),
    "CHL": FormerUnits("Chile", "15 regions", 2018, "16 since, with Ñuble"),
    "CIV": FormerUnits("Côte d'Ivoire", "19 regions", 2011, "14 districts of 31 regions since"),
    "COD": FormerUnits("Dem. Rep. Congo", "11 provinces", 2015, "26 since"),
    "COG": FormerUnits("Congo", "12 departments", 2024, "15 since"),
    "DZA": FormerUnits("Algeria", "48 wilayas", 2019, "58 since"),
    "ETH": FormerUnits(
        "Ethiopia", "9 regions and 2 cities", 2020, "Sidama and regions of the south are new"
    ),
    "GHA": FormerUnits("Ghana", "10 regions", 2019, "16 since"),
    "IDN": FormerUnits("Indonesia", "33 provinces", 2012, "34 since, 38 since 2022"),
    "IND": FormerUnits(
        "India", "35 states and territories", 2014, "with Telangana and Ladakh there are 36"
    ),
    "IRQ": FormerUnits("Iraq", "18 governorates", 2014, "19 since, with Halabja"),
    "KAZ": FormerUnits("Kazakhstan", "14 regions and 2 cities", 2018, "17 and 3 cities since 2022"),
    "KEN": FormerUnits("Kenya", "8 provinces", 2013, "47 counties since"),
    "KHM": FormerUnits("Cambodia", "24 provinces", 2013, "25 since, with Tboung Khmum"),
    "LAO": FormerUnits("Laos", "17 provinces", 2013, "18 since, with Xaisomboun"),
    "LVA": FormerUnits("Latvia", "119 municipalities", 2021, "43 since"),
    "MAR": FormerUnits("Morocco", "16 regions", 2015, "12 since"),
    "MDG": FormerUnits("Madagascar", "22 regions", 2021, "more since: Vatovavy is by itself"),
    "MLI": FormerUnits("Mali", "8 regions and Bamako", 2016, "10 since, 19 since 2023"),
    "MRT": FormerUnits("Mauritania", "13 wilayas", 2014, "15 since, 3 of them of Nouakchott"),
    "NAM": FormerUnits("Namibia", "13 regions", 2013, "14 since, with two of Kavango"),
    "NPL": FormerUnits("Nepal", "14 zones", 2015, "7 provinces since"),
    "PAK": FormerUnits(
        "Pakistan", "provinces and territories", 2018, "F.A.T.A. is in Khyber Pakhtunkhwa since"
    ),
    "PAN": FormerUnits("Panama", "9 provinces and 3 comarcas", 2014, "10 provinces since"),
    "SDN": FormerUnits("Sudan", "17 states", 2013, "18 since, with West Kordofan"),
    "SLE": FormerUnits("Sierra Leone", "4 provinces", 2017, "5 since, with North West"),
    "TZA": FormerUnits("Tanzania", "30 regions", 2016, "31 since, with Songwe"),
    "UGA": FormerUnits("Uganda", "112 districts", 2016, "more than 130 since"),
    "VNM": FormerUnits("Vietnam", "63 provinces", 2025, "34 since"),
    "YEM": FormerUnits("Yemen", "21 governorates", 2013, "22 since, with Socotra"),
}

#: ISO code → what the units are where they are not those of the first level
OTHER_LEVELS = {
    "BFA": "Burkina Faso is here by its 45 provinces, which are of the second level",
    "FRA": "France is here by its departments, which are of the second level",
    "GIN": "Guinea is here by its prefectures, which are of the second level",
    "ITA": "Italy is here by its 110 provinces of before 2016, which are of the second level",
    "LKA": "Sri Lanka is here by its districts, which are of the second level",
    "PHL": "the Philippines are here by provinces and cities, which are of the second level",
    "TUN": "Tunisia is here without Ariana, which is a part of Manubah",
}

#: ISO code → what must be known of the units of a country
TOLD = {iso: str(one) for iso, one in FORMER.items()} | OTHER_LEVELS


def unit_notes(units: Iterable[Feature]) -> tuple[Note, ...]:
    """Tell as of when first-level units hold; of countries whose units have changed, how."""
    countries = dict.fromkeys(unit.iso for unit in units)
    known = [TOLD[iso] for iso in countries if iso in TOLD]
    more = f"; so are {len(known) - MOST} further countries" if len(known) > MOST else ""
    general = "first-level units are those of about 2010"
    said = "; ".join(known[:MOST]) + more if known else general
    return (Note("layers", f"{said}: {ADVICE}"),)


def units_held(iso: str, names: Sequence[str]) -> str:
    """Tell which units of a country there are, and as of when, for who asks for another."""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    since = f"; {TOLD[iso]}: {ADVICE}" if iso in TOLD else ""
    return f"there are {', '.join(names[:LISTED])}{more}{since}"
