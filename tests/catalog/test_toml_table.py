"""Tables of datasets: ClimateSERV's own, families, what is wrong with a row, and adding rows."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from csserv.catalog import Catalog, CatalogEntry
from csserv.catalog.catalog import BUILT_IN
from csserv.catalog.read.corrections import Corrections
from csserv.catalog.row_fields import FIELDS, OR
from csserv.catalog.samples.synthetic import SampleSpec, build_sample_archive
from csserv.catalog.timeline.intervals import said_days
from csserv.catalog.toml_table import put_rows, read_table
from csserv.errors import EmptySelectionError, SettingsError
from csserv.request import Period

#: ClimateSERV's datatype numbers
NUMBERS = (
    *(0, 1, 2, 5, *range(6, 26), 26, 28, 29, 31, 32, 33, 35, 36, *range(37, 42), *range(42, 90)),
    *(90, 91, 541, 542, *range(661, 668)),
)
WITHDRAWN = (35, 36)
OLD_NAMES = {
    "CHIRPS": 0,
    "WestAfrica_eMODIS": 1,
    "EastAfrica_eMODIS": 2,
    "SouthAfrica_eMODIS": 5,
    "IMERG": 26,
    "CentralAsia_eMODIS": 28,
    "ESI_4": 29,
    "CHIRPS_GEFS_anom": 31,
    "CHIRPS_GEFS_precip_mean": 32,
    "ESI_12": 33,
    "USDA_SMAP": 37,
    "USDA_SSM": 38,
    "USDA_SSMA": 39,
    "USDA_SSSM": 40,
    "USDA_SSSMA": 41,
    "CHIRP": 90,
    "IMERG_early": 91,
}
TINY = SampleSpec(
    west=36, south=-4, east=42, north=2, cell=0.5, years=(2019,), months=(4,), forecast_days=3
)


@pytest.fixture
def built_in(tmp_path: Path) -> Catalog:
    return Catalog.read(tmp_path)


def test_every_number_of_climateserv_is_there_once(built_in: Catalog):
    found = [entry.number for entry in built_in.values() if entry.number is not None]
    assert sorted(found) == sorted(NUMBERS)
    assert all(built_in[str(number)].number == number for number in NUMBERS)


def test_old_names_belong_to_their_numbers_and_find_no_other_dataset(built_in: Catalog):
    found = {entry.old_name: entry.number for entry in built_in.values() if entry.old_name}
    assert found == OLD_NAMES
    assert not set(OLD_NAMES) & set(built_in)
    known = {name for name in OLD_NAMES if name in built_in}  # by their names in other capitals
    assert known == {"CHIRPS", "CHIRP", "IMERG_early"} & set(OLD_NAMES)
    assert all(built_in[name].number == OLD_NAMES[name] for name in known)


def test_every_row_says_what_it_is(built_in: Catalog):
    needed = ("title", "description", "variable", "files", "time_step", "over_time")
    for entry in built_in.values():
        if entry.number in WITHDRAWN:
            continue
        for name in (*needed, "resolution", "region", "source", "citation"):
            assert getattr(entry, name), (entry.name, name)
        assert said_days(entry.time_step)
        is_nmme = entry.name.startswith(("ccsm4", "cfsv2"))
        assert bool(entry.units) != is_nmme  # those stand in the files
        assert len(entry.description) < 200
        assert "{" not in f"{entry.title}{entry.files}{entry.name}"


@pytest.mark.parametrize(
    ("number", "names"),
    [
        (0, ["ucsb-chirps.20190401T000000Z.global.0.05deg.daily.nc4"]),
        (0, ["ucsb-chirps.global.0.05deg.daily.2019.nc4"]),
        (0, ["chirps-v2.0.2019.days_p05.nc"]),  # as its makers call it
        (90, ["ucsb-chirp.global.0.05deg.daily.201904.nc4"]),
        (26, ["nasa-imerg-late.20190401T023000Z.global.0.1deg.1dy.nc4"]),
        (26, ["3B-DAY-L.MS.MRG.3IMERG.20190401-S000000-E235959.V07B.nc4"]),
        (1, ["emodis-ndvi.20190401T000000Z.westafrica.250m.10dy.nc4"]),
        (29, ["sport-esi.20190401T000000Z.global.0.05deg.4wk.nc4"]),
        (32, ["ucsb-chirps-gefs.20190401T000000Z.global.0.05deg.10dy.nc4"]),
        (41, ["usda-smap.20190401T000000Z.global.10km.3dy.nc4"]),
        (661, ["sport-lis.20190401T000000Z.africa.0.03deg.daily.nc4"]),
        (88, ["nmme-cfsv2_bcsd.latest.global.0.5deg.daily.ens024.nc4"]),
    ],
)
def test_files_are_found_by_the_names_that_climateserv_gives_them(
    tmp_path: Path, number: int, names: list[str]
):
    entry = Catalog.read(tmp_path)[str(number)]
    folder = tmp_path / Path(entry.files.split(OR)[0]).parent
    folder.mkdir()
    for name in [*names, "ucsb-chirps.eastafrica.0.05deg.daily.201904.nc4"]:
        (folder / name).touch()
    assert [granule.path.name for granule in entry.granules] == names


def test_family_becomes_a_row_a_member(built_in: Catalog):
    last = built_in["cfsv2_ens24_precipitation"]
    assert (last.number, last.variable) == (89, "precipitation")
    assert last.title == "NMME CFSv2 seasonal forecast, member 24, precipitation"
    assert last.files.endswith("ens024.nc4")
    assert built_in["6"].name == "ccsm4_ens01_air_temperature"
    assert built_in["25"].name == "ccsm4_ens10_precipitation"


def test_own_table_may_have_families(tmp_path: Path):
    text = '["run{member}"]\nmembers = 2\ntitle = "Run {member}"\nvariable = "v"\n'
    (tmp_path / "own.toml").write_text(text + 'files = "{member:03}/*"\n')
    rows = read_table(tmp_path / "own.toml")
    assert rows == {
        "run1": {"title": "Run 1", "variable": "v", "files": "001/*"},
        "run2": {"title": "Run 2", "variable": "v", "files": "002/*"},
    }


ROW = 'title = "A"\nvariable = "v"\nfiles = "a/*.nc"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a]\ntitle = 'A'\n", "dataset a lacks files, variable"),
        (f"[a]\n{ROW}colour = 'red'\n", "unknown colour"),
        (f"[a]\n{ROW}unit = 'mm'\n", r"unknown unit \(did you mean units\?\)"),
        (f"[a]\n{ROW}number = '7'\n", "number is '7'; write a whole number"),
        (f"[a]\n{ROW}number = true\n", "number is True; write a whole number"),
        (f"[a]\n{ROW}units = 7\n", "units is 7; write a text"),
        (f"[a]\n{ROW}over_time = 'total'\n", "over_time is 'total'; allowed are sum, mean"),
        (f"[a]\n{ROW}time_at = 'center'\n", r"'center' \(did you mean centre\?\); allowed are st"),
        (f"[a]\n{ROW}missing = 'x'\n", "missing is 'x'; write a number, or a list of numbers"),
        (f"[a]\n{ROW}missing = []\n", r"missing is \[\]; write a number"),
        (f"[a]\n{ROW}missing = [nan]\n", r"missing is \[nan\]; write a number"),
        (f"[a]\n{ROW}valid = 50\n", r"valid is 50; write .* such as \[0, 50\]; inf is no bound"),
        (f"[a]\n{ROW}valid = [50, 0]\n", r"valid is \[50, 0\]; write the lowest and the highest"),
        (f"[a]\n{ROW}valid = [0, 1, 2]\n", r"valid is \[0, 1, 2\]; write"),
        (f"[a]\n{ROW}valid = [0, nan]\n", r"valid is \[0, nan\]; write"),
        (f"[a]\n{ROW}valid = [inf, inf]\n", r"valid is \[inf, inf\]; write"),
        (f"[a]\n{ROW}valid = [false, true]\n", r"valid is \[False, True\]; write"),
        (f"[a]\n{ROW}scale = 0.0\n", "scale is 0.0; write a number other than 0"),
        (f"[a]\n{ROW}offset = inf\n", "offset is inf; write a number"),
        (
            "[a]\ntitle = 'A'\nvariable = []\nfiles = 'a/*'\n",
            r"variable is \[\]; write a name, or a list of names",
        ),
        (f"[a]\n{ROW}prefer = 'finl'\n", r"'finl' \(did you mean final\?\); allowed are final"),
        (f"[a]\n{ROW}time_from_name = 'rain'\n", "'rain'; write the file's name with %Y, %m"),
        (f"[a]\n{ROW}time_from_name = '%Y%q'\n", "'%Y%q'; write the file's name with %Y"),
        (f"[a]\n{ROW}mising = -9\n", r"unknown mising \(did you mean missing\?\)"),
        ("[a]\ntitle = 'A'\nvariable = 'v'\nfiles = '/a/*.nc'\n", "below CSSERV_DATA"),
        ("[a]\ntitle = 'A'\nvariable = 'v'\nfiles = '../*.nc'\n", "below CSSERV_DATA"),
        (f"[a]\n{ROW}members = 2\n", r"the name of a family holds \{member\}"),
        (f"['a{{member}}']\n{ROW}members = 0\n", "0 members; allowed are 1 to 1000"),
        (f"['a{{number}}']\n{ROW}members = 2\n", r"braces hold the member, as \{member\}"),
        (f"[a]\n{ROW}number_step = 2\n", "number_step is for families"),
        (f"[a]\n{ROW}number = 7\n[b]\n{ROW}number = 7\n", "a and b have the same number 7"),
        (ROW, "title stands outside a table"),
        ("[a", "no TOML"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(tmp_path: Path, text: str, said: str):
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(SettingsError, match=said):
        Catalog.read(tmp_path, tmp_path / "own.toml")


def test_fields_of_a_row_are_those_of_an_entry():
    own = {"name", "data", "aliases", "built_in", "headers"}
    assert set(FIELDS) == {field.name for field in fields(CatalogEntry)} - own


CORRECTIONS = """\
missing = [-9999, 1e20]
valid = [0, inf]
scale = 0.01
offset = -1
time_at = "end"
time_from_name = "{member}-v2.0.%Y.%m.%d"
crs = "EPSG:4326"
prefer = ["*final*", "run{member}*"]
"""


def test_row_corrects_what_files_say_and_a_family_does_so_for_each_member(tmp_path: Path):
    row = ROW.replace('"v"', '["v", "w{member}"]').replace("a/*", "{member}/*")
    (tmp_path / "own.toml").write_text(f'["a{{member}}"]\nmembers = 2\n{row}{CORRECTIONS}')
    entry = Catalog.read(tmp_path, tmp_path / "own.toml")["a2"]
    assert (entry.variable, entry.aliases) == ("v", ("w2",))
    assert entry.prefer == ("*final*", "run2*")
    assert entry.time_at == "end"
    assert entry.granule(tmp_path / "x.nc").corrections == Corrections(
        aliases=("w2",),
        missing=(-9999.0, 1e20),
        valid=(0.0, None),
        scale=0.01,
        offset=-1,
        crs="EPSG:4326",
        time_from_name="2-v2.0.%Y.%m.%d",
    )
    assert entry.record()["corrections"] == {
        "aliases": ["w2"],
        "missing": [-9999.0, 1e20],
        "valid": [0.0, None],
        "scale": 0.01,
        "offset": -1,
        "time_at": "end",
        "time_from_name": "2-v2.0.%Y.%m.%d",
        "crs": "EPSG:4326",
        "prefer": ["*final*", "run2*"],
    }


def test_one_number_may_stand_without_a_list(tmp_path: Path):
    (tmp_path / "own.toml").write_text(f"[a]\n{ROW}missing = 255\nvalid = [-inf, 9.5]\n")
    entry = Catalog.read(tmp_path, tmp_path / "own.toml")["a"]
    assert (entry.missing, entry.valid) == ((255.0,), (None, 9.5))


def test_units_of_the_built_in_table_correct_no_file_and_those_of_ones_own_do(tmp_path: Path):
    (tmp_path / "own.toml").write_text(f"[a]\n{ROW}units = 'mm/day'\n")
    found = Catalog.read(tmp_path, tmp_path / "own.toml")
    assert found["a"].corrections.units == "mm/day"
    assert (found["chirps"].units, found["chirps"].corrections.units) == ("mm/day", "")


def test_own_rows_win_over_those_of_the_data_folder_and_these_over_the_built_in(tmp_path: Path):
    for name, titles in {"datasets": ("chirps", "b"), "own": ("b", "c")}.items():
        text = "".join(f"[{one}]\n{ROW.replace('A', f'{one} of {name}')}" for one in titles)
        (tmp_path / f"{name}.toml").write_text(text)
    found = Catalog.read(tmp_path, tmp_path / "own.toml")
    assert [found[name].title for name in ("chirp", "chirps", "b", "c")] == [
        "CHIRP daily rainfall, without gauges",
        "chirps of datasets",
        "b of own",
        "c of own",
    ]


def test_who_takes_a_number_takes_it_from_the_other(tmp_path: Path):
    (tmp_path / "datasets.toml").write_text(f"[chirps]\n{ROW}number = 26\n")
    found = Catalog.read(tmp_path)
    assert found["26"].name == "chirps"
    assert found["imerg_late"].number is None
    assert "0" not in found


@pytest.mark.parametrize("number", ["26", "541", "7"])
def test_dataset_without_files_is_refused_with_that_reason(tmp_path: Path, number: str):
    entry = Catalog.read(tmp_path)[number]
    assert not entry.is_here
    for refuse in (entry.check_here, entry.coverage, entry.extent):
        with pytest.raises(EmptySelectionError) as refused:
            refuse()
        said = str(refused.value)
        assert said.startswith(f"{entry.name} ({entry.title}) has no files on this server")
        assert "csserv datasets add" in said
        assert entry.files in said
        assert str(tmp_path) not in said


@pytest.mark.parametrize("number", WITHDRAWN)
def test_withdrawn_dataset_says_so(tmp_path: Path, number: int):
    (tmp_path / "a.nc").touch()
    entry = Catalog.read(tmp_path)[str(number)]
    assert not entry.is_here
    for refuse in (entry.check_here, lambda: entry.covering(Period.parse("2019"))):
        with pytest.raises(EmptySelectionError, match="ClimateSERV has withdrawn it"):
            refuse()


def test_sample_is_never_taken_for_the_real_product_nor_the_other_way(tmp_path: Path):
    made = build_sample_archive(tmp_path, spec=TINY)
    assert "synthetic" in Catalog.read(tmp_path)["0"].title
    assert "synthetic" in Catalog.read(tmp_path)["8"].citation.lower()
    assert "synthetic" not in Catalog.read(tmp_path)["12"].title
    real = tmp_path / "chirps" / "ucsb-chirps.20190401T000000Z.global.0.05deg.daily.nc4"
    real.touch()
    sample = [granule.path for granule in Catalog.read(tmp_path)["0"].granules]
    assert sample == [path for path in made if path.parent.name == "chirps"]
    (tmp_path / "datasets.toml").unlink()
    found = Catalog.read(tmp_path)["0"]
    assert found.title == "CHIRPS 2.0 daily rainfall"
    assert [granule.path for granule in found.granules] == [real]


def test_table_of_the_sample_is_written_also_when_the_archive_is_there(tmp_path: Path):
    build_sample_archive(tmp_path, spec=TINY)
    table = tmp_path / "datasets.toml"
    before = table.read_bytes()
    table.unlink()
    build_sample_archive(tmp_path, spec=TINY)
    assert table.read_bytes() == before
    stamp = table.stat().st_mtime_ns
    build_sample_archive(tmp_path, spec=TINY)
    assert table.stat().st_mtime_ns == stamp
    assert Catalog.read(tmp_path)["11"].name == "ccsm4_ens03_precipitation"


OWN = f"""\
# mine
[a] # of gauges
{ROW}
# about b
[b]
{ROW}
select = {{ level = "2" }}
# the end
"""


def test_rows_are_put_beside_what_is_there(tmp_path: Path):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    fresh = {"title": 'With "quotes", \\ and ü', "variable": "v", "files": "c/*", "number": 3}
    fresh |= {"missing": [-9999, 1e20], "valid": [0.5, float("inf")], "prefer": ["*final*", "*"]}
    put_rows(path, {"c": fresh})
    assert path.read_text().startswith(OWN.rstrip())
    assert read_table(path)["c"] == fresh


def test_row_takes_the_place_of_one_of_its_name_and_comments_stay(tmp_path: Path):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    put_rows(path, {"a": {"title": "New", "variable": "w", "files": "n/*", "select": {"x": "1"}}})
    text = path.read_text()
    assert read_table(path)["a"]["title"] == "New"
    assert read_table(path)["b"] == tomllib.loads(OWN)["b"]
    assert all(comment in text for comment in ("# mine", "# about b", "# the end"))
    assert "gauges" not in text
    assert not list(tmp_path.glob(".*"))


def test_table_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot write the catalog"):
        put_rows(tmp_path / "file" / "own.toml", {"a": {"title": "A"}})


def test_built_in_table_is_where_it_belongs():
    assert BUILT_IN.exists()
