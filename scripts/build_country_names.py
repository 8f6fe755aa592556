"""Make the table of country names from CLDR: ``python -m scripts.build_country_names``.

CLDR comes with Babel, which JupyterLab brings along. To read its 1,082 locales takes 5 s and 33 MB
of disk, so csserv has this table of 200 kB instead: names are folded, and so need no work when they
are looked up. What CLDR does not have (older names, abbreviations, official long forms that are
not just "Republic of …") is in ``COMMON``.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from pathlib import Path

from babel import Locale, localedata
from babel.core import get_global

from csserv.catalog import Layers
from csserv.name_folding import fold_name

BOUNDARIES = Path(__file__).parent.parent / "csserv" / "catalog" / "boundaries"

#: code of the country layer → names that people also write
COMMON = {
    "ARE": "UAE; Emirates",
    "ATG": "Antigua",
    "BIH": "Bosnia",
    "BOL": "Plurinational State of Bolivia",
    "BRN": "Brunei Darussalam",
    "CAF": "CAR; RCA; Central Africa",
    "CHN": "PRC; Mainland China",
    "CIV": "Ivory Coast; Cote dIvoire; CDI; Elfenbeinküste; Costa de Marfil; Costa do Marfim",
    "COD": "DRC; DR Congo; D.R. Congo; D.R.C.; RDC; R.D. Congo; RD Congo; Congo-Kinshasa; Congo DR;"
    " Congo (DRC); Congo DRC; Congo Kinshasa; Democratic Republic of Congo; Dem. Rep. of Congo;"
    " Democratic Republic of the Congo; Dem. Rep. of the Congo; Zaire; Zaïre;"
    " République démocratique du Congo; Dem. Rep. Congo; Congo Dem. Rep.; Belgian Congo;"
    " Congo Democratic Republic; Democratic Congo; Republica Democratica do Congo",
    "COG": "Republic of the Congo; Republic of Congo; Rep. of the Congo; Rep. Congo; Rep. of Congo;"
    " Congo-Brazzaville; Congo Republic; Congo (Brazzaville); République du Congo; ROC Congo;"
    " Congo Rep; Congo Republic of; Republica do Congo",
    "CPV": "Cape Verde; Cape Verde Islands; Cabo-Verde",
    "CZE": "Czech Republic; Czech Rep.",
    "DEU": "FRG",
    "DOM": "Dominican Republic",
    "ESH": "Western Sahara; SADR",
    "FLK": "Malvinas",
    "VEN": "RB Venezuela; Bolivarian Republic of Venezuela",
    "ERI": "State of Eritrea",
    "ISR": "State of Israel",
    "KWT": "State of Kuwait",
    "QAT": "State of Qatar",
    "FSM": "Federated States of Micronesia; FSM; Fed. Sts. Micronesia",
    "GBR": "UK; U.K.; Great Britain; Britain; United Kingdom of Great Britain and Northern Ireland",
    "GMB": "The Gambia; Gambia The",
    "GNB": "Guinea Bissau; Guinee Bissau; Bissau",
    "GNQ": "Equatorial Guinea; Guinea Equatorial",
    "GUY": "British Guiana",
    "HKG": "Hong Kong",
    "IRN": "Persia",
    "KNA": "St Kitts; Saint Kitts",
    "KOR": "Republic of Korea; Rep. of Korea; Korea Rep.; Rep. Korea;"
    " South Korea; Korea South; Korea (South); Korea Republic of; ROK",
    "KSV": "XKX; XKO; KOS; UNK",
    "LAO": "Lao PDR; Lao People's Democratic Republic; Lao",
    "LBY": "State of Libya; Libyan Arab Jamahiriya",
    "LKA": "Ceylon",
    "MAC": "Macau",
    "MDA": "Moldavia",
    "MKD": "North Macedonia; Republic of North Macedonia; FYROM; FYR Macedonia;"
    " Former Yugoslav Republic of Macedonia",
    "MMR": "Burma; Myanmar/Burma; Birmanie; Birma",
    "NLD": "Holland; The Netherlands; Kingdom of the Netherlands",
    "PRK": "North Korea; Korea North; Korea (North); DPRK; Democratic People's Republic of Korea;"
    " Korea Democratic People's Republic of; Korea Dem. People's Rep.",
    "PNG": "PNG",
    "PSE": "State of Palestine; Occupied Palestinian Territory; oPt; Palestinian Territory;"
    " West Bank and Gaza; Palestinian Territories",
    "RUS": "Russian Federation; Russian Fed.",
    "SAU": "KSA; Saudi",
    "SRB": "Republic of Serbia",
    "SSD": "South Sudan; S Sudan; RSS; Republic of South Sudan",
    "STP": "Sao Tome",
    "SWZ": "Swaziland; Kingdom of Eswatini; eSwatini; Kingdom of Swaziland",
    "SYR": "Syrian Arab Republic; Syrian Arab Rep.",
    "TCD": "Tchad",
    "THA": "Siam",
    "TLS": "East Timor; Democratic Republic of Timor-Leste",
    "TTO": "Trinidad",
    "TUR": "Turkiye; Republic of Türkiye; Republic of Turkiye; Republic of Turkey",
    "TWN": "Taiwan Province of China; Chinese Taipei; Republic of China",
    "TZA": "United Republic of Tanzania; Tanzania United Rep.",
    "USA": "United States; U.S.A.; US; U.S.; United States of America; America",
    "VNM": "Viet Nam",
    "VCT": "St Vincent; Saint Vincent",
    "YEM": "Republic of Yemen; Yemen Rep.",
    "BFA": "Upper Volta; Haute-Volta",
    "BEN": "Dahomey",
}


def main() -> None:
    """Write the table: code, ISO 3166 code of two letters, names in English, folded names."""
    codes = codes_of_countries()
    names: dict[str, set[str]] = {code: set() for code in codes.values()}
    english = dict(Locale.parse("en").territories)
    for identifier in localedata.locale_identifiers():
        for two, name in Locale.parse(identifier).territories.items():
            if two in codes:
                names[codes[two]].add(fold_name(name))
    for code, text in COMMON.items():
        names[code] |= {fold_name(name) for name in text.split("; ")}
    lines = []
    for two, code in sorted(codes.items(), key=lambda pair: pair[1]):
        common = filter(None, COMMON.get(code, "").split("; "))
        written = {fold_name(name): name for name in (english[two], *common)}
        lines.append(
            "\t".join((code, two, "|".join(written.values()), "|".join(sorted(names[code]))))
        )
    path = BOUNDARIES / "country_names.tsv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode(), compresslevel=9, mtime=0))
    count = sum(map(len, names.values()))
    print(f"{path.name}: {count} names of {len(lines)} countries, {path.stat().st_size} bytes")


def codes_of_countries() -> dict[str, str]:
    """Return ISO 3166 code of two letters → id in the country layer."""
    known = {feature.id for feature in Layers.bundled()["country"].features}
    found = defaultdict(set)
    for three, twos in get_global("territory_aliases").items():
        if three in known and len(twos) == 1:
            found[twos[0]].add(three)
    return {two: min(threes) for two, threes in found.items()} | {"XK": "KSV"}


if __name__ == "__main__":
    main()
