"""A user's own factors and a stated contract in a real run: used, kept with it, or refused before anything is started."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from own_files import CARBON, SCARCITY, text_of

FOOTPRINT = str(Path(sys.executable).with_name("footprint"))
DIRECT = "own/carbon_location/direct/FR/2024"
YEAR = "import datetime; print(datetime.datetime.now(datetime.UTC).year)"


def footprint(*words, cwd, **environ):
    return subprocess.run(
        [FOOTPRINT, *words], cwd=cwd, env={**os.environ, **environ}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def told(cwd, *words):
    done = footprint(*words, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def this_year():
    return int(subprocess.run([sys.executable, "-c", YEAR], capture_output=True, text=True, check=True).stdout)


@pytest.fixture
def place(tmp_path):
    """A working directory whose settings name a file of one's own factors and a contract."""
    (tmp_path / "factors").mkdir()
    (tmp_path / "factors" / "my.csv").write_text(text_of(CARBON, SCARCITY, CARBON | {"zone": "PL"}))
    (tmp_path / "footprint.toml").write_text(
        'region = "FR"\nfactors = "factors/my.csv"\n'
        f'contract = {{intensity_g_per_kwh = 0, kind = "PPA", evidence = "contract 17", year = {this_year()}}}\n'
    )
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def measured(place, *options):
    done = footprint("run", "--quiet", *options, "--", sys.executable, "-c", "sum(range(10**6))", cwd=place)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return told(place, "show", "last", "--json")


def test_the_file_of_the_settings_is_used_from_any_folder_below_and_marked(place):
    run = measured(place)
    own = run["provenance"]["own_factors"]
    assert own["file"] == "my.csv"
    assert [row["zone"] for row in own["rows"]] == ["FR", "FR"], "those of Poland are not of this place"
    assert own["instead_of"][DIRECT][0].startswith("carbon_location/direct/FR/")
    assert DIRECT in run["provenance"]["factors"]
    assert run["impacts"]["water_scarcity"]["parts"]["plants"]["central"] > 0
    assert run["impacts"]["carbon_market"]["claim"]["evidence"] == "contract 17"
    said = footprint("show", "last", cwd=place).stdout
    assert f"claim of a power purchase agreement (PPA) for {this_year()}, annual; evidence: contract 17" in said
    assert "instead of the catalogue's" in said
    explained = " ".join(footprint("explain", "last", "carbon_location", cwd=place).stdout.split())
    assert f"[{DIRECT}] Mix of 2024. A supplier, 2025. Licence: for us alone" in explained


def test_a_run_keeps_its_factors_when_the_file_changes_or_goes(place):
    before = measured(place)
    path = place.parent / "factors" / "my.csv"
    path.write_text(text_of(CARBON | {"central": "29"}))
    later = measured(place)
    path.unlink()
    (place.parent / "footprint.toml").write_text('region = "FR"\n')
    assert footprint("store", "rebuild", cwd=place).returncode == 0
    for run in (before, later):
        again = told(place, "show", run["run_id"], "--json")
        assert again["impacts"] == run["impacts"]
        assert again["provenance"]["own_factors"] == run["provenance"]["own_factors"]
    central = [run["impacts"]["carbon_location"]["parts"]["direct"]["central"] / run["energy"]["facility_kwh"]["central"]
               for run in (before, later)]  # fmt: skip
    assert central == pytest.approx([21.7, 29.0])
    assert footprint("verify", before["run_id"], later["run_id"], cwd=place).returncode == 0


def test_an_option_goes_before_the_environment_and_that_before_the_settings_file(place):
    for name, central in (("a.csv", "25"), ("b.csv", "26")):
        (place / name).write_text(text_of(CARBON | {"central": central}))
    run = measured(place, "--factors", "b.csv", "--contract", f"7 GO {this_year()} certificates, 4711 to 4805")
    assert run["provenance"]["own_factors"]["rows"][0]["central"] == 26
    assert run["impacts"]["carbon_market"]["claim"]["kind"] == "GO"
    done = footprint("run", "--quiet", "--", "true", cwd=place, FOOTPRINT_FACTORS="a.csv")
    assert done.returncode == 0, done.stderr
    assert told(place, "show", "last", "--json")["provenance"]["own_factors"]["rows"][0]["central"] == 25


def test_python_takes_them_as_arguments(place):
    code = (
        "import json, footprint\n"
        "from footprint.records.document import as_document\n"
        f"contract = {{'intensity_g_per_kwh': 3, 'kind': 'tariff', 'evidence': 'e', 'year': {this_year()}}}\n"
        "with footprint.track('x', factors='../factors/my.csv', contract=contract) as run: pass\n"
        "print(json.dumps(as_document(run.result)['provenance']['own_factors']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    own = json.loads(done.stdout)
    assert (own["file"], own["contract"]["kind"]) == ("my.csv", "tariff")


def test_doctor_tells_both_settings_and_where_they_are_from(place):
    settings = {one["name"]: one for one in told(place, "doctor", "--json")["settings"]}
    file = str(place.parent / "footprint.toml")
    assert (settings["factors"]["value"], settings["factors"]["from"]) == ("factors/my.csv", file)
    assert settings["contract"]["value"] == f"0 PPA {this_year()} contract 17"


def test_an_estimate_takes_them_too(place):
    one = told(place, "estimate", "--energy-kwh", "10", "--region", "FR", "--pue", "1", "--json")
    assert one["impacts"]["carbon_location"]["operational"]["central"] > 217
    assert DIRECT in one["provenance"]["factors"]
    assert any(item["factor"] == DIRECT and "own factors" in item["why"] for item in one["assumed"])
    assert one["impacts"]["carbon_market"]["claim"]["kind"] == "PPA"


BAD = {
    "a missing column": (text_of(CARBON).replace("kind,", "").replace("envelope,", ""), "line 1, column kind"),
    "a negative": (text_of(CARBON | {"low": "-1"}), "line 2, column low"),
    "low above high": (text_of(CARBON | {"low": "40"}), "line 2, column low"),
    "an unknown unit": (text_of(CARBON | {"unit": "lb"}), "line 2, column unit"),
    "an unknown zone": (text_of(CARBON | {"zone": "Frankreich"}), "line 2, column zone"),
    "an unknown indicator": (text_of(CARBON | {"indicator": "carbon"}), "line 2, column indicator"),
    "a duplicate": (text_of(CARBON, SCARCITY, CARBON), "line 4, column zone"),
    "no source": (text_of(CARBON | {"source_title": ""}), "line 2, column source_title"),
    "not a number": (text_of(CARBON | {"central": "NaN"}), "line 2, column central"),
    "nothing": ("", "it is empty"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_with_a_fault_is_one_line_and_starts_nothing(place, name):
    """Whatever place the fault is of: it is told when the file is read."""
    text, says = BAD[name]
    path = place.parent / "factors" / "my.csv"
    path.write_text(text)
    done = footprint("run", "--region", "DE", "--", "touch", "started", cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"footprint: factors file {path}")
    assert says in line
    assert not (place / "started").exists()
    assert told(place, "list", "--json")["runs"] == []
    for words in (("factors", "show", "FR"), ("factors", "propose", str(path)), ("doctor",)):
        done = footprint(*words, cwd=place)
        assert done.returncode == 2, words
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def test_bytes_that_are_no_text_and_files_that_are_none_are_one_line_too(place):
    path = place.parent / "factors" / "my.csv"
    path.write_bytes(text_of(CARBON | {"source_title": "Köln"}).encode("latin-1"))
    assert "line 2: it is not UTF-8" in footprint("run", "--", "true", cwd=place).stderr
    for options in (("--factors", "none.csv"), ("--factors", "."), ("--factors", "/dev/zero"), ("--contract", "none")):
        done = footprint("run", *options, "--", "touch", "started", cwd=place)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
    assert not (place / "started").exists()


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("factors = 7", "it is no file's name"),
        ("factors = []", "it is no file's name"),
        ("contract = 0", "neither a table nor text"),
        ('contract = {intensity_g_per_kwh = 0, kind = "PPA", year = 2026}', "it has no evidence"),
        ('contract = {intensity_g_per_kwh = 0, kind = "green", evidence = "e", year = 2026}', "use one of: PPA, GO"),
        ('contract = {intensity_g_per_kwh = nan, kind = "GO", evidence = "e", year = 2026}', "no number from 0 on"),
    ],
)
def test_a_setting_that_cannot_be_is_told_with_its_file(place, setting, says):
    (place.parent / "footprint.toml").write_text(setting + "\n")
    done = footprint("run", "--", "touch", "started", cwd=place)
    assert done.returncode == 2
    assert says in done.stderr
    assert not (place / "started").exists()


def test_disabled_nothing_is_read(place):
    (place.parent / "factors" / "my.csv").write_text("")
    assert footprint("run", "--", "true", cwd=place, FOOTPRINT_DISABLED="1").returncode == 0
