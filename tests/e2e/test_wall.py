"""A meter at the wall in a real run: asked over a real socket, typed with the run, or typed after it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fake_meters import BROKEN, SHELLY, controller, late
from virtual_host import Constant, package

FOOTPRINT = str(Path(sys.executable).with_name("footprint"))
PATH = "/rpc/Switch.GetStatus?id=0"
BUSY = "import time\nend = time.time() + 2\nwhile time.time() < end: pass\nraise SystemExit(7)"
CONTROLLER = "00 dc 90 01 46 00 58 02 dc 00 55 34 3b 56 e8 03 00 00 40"
"""400 W, as DCMI tells it."""


def footprint(*words, cwd=None, **environ):
    return subprocess.run(
        [FOOTPRINT, *words],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def host(virtual_sysroot):
    """A package of 100 W."""
    return virtual_sysroot(package(0, Constant(100.0)))


def measured(tmp_path, host, settings="", *options, script=BUSY):
    """(exit code, the result's document, what was said) of a run with a settings file."""
    (tmp_path / "footprint.toml").write_text('region = "FR"\n' + settings)
    target = tmp_path / "run.json"
    words = ["run", "--json", str(target), *options, "--", sys.executable, "-c", script]
    done = footprint(*words, cwd=tmp_path, FOOTPRINT_SYSROOT=str(host.path))
    return done.returncode, json.loads(target.read_text()), done.stderr


def components(document):
    return {one["channel"]: one for one in document["energy"]["components"]}


def plug(meter):
    return f'[wall_meter]\nurl = "{meter.url}{PATH}"\npower = "apower"\nerror_pct = 1\n'


def test_a_plug_counts_the_whole_machine_and_nothing_is_modelled(tmp_path, host, serve):
    code, document, _ = measured(tmp_path, host, plug(serve({PATH: SHELLY})))
    parts = components(document)
    assert code == 7
    assert set(parts) == {"package-0", "wall"}
    power_w = document["energy"]["host_kwh"]["central"] * 3.6e6 / document["duration_s"]
    assert power_w == pytest.approx(212.5, rel=0.02)
    assert document["boundary"]["measured"] == ["board", "cpu"]
    assert any("nothing is modelled beyond" in note for note in document["boundary"]["notes"])


@pytest.mark.parametrize("name", ["HTML", "half of it", "401", "no HTTP", "1.1 MB"])
def test_a_plug_that_gives_nothing_leaves_the_run_as_it_would_be_without_it(tmp_path, host, serve, name):
    code, document, _ = measured(tmp_path, host, plug(serve({PATH: BROKEN[name][0]})))
    assert code == 7
    assert set(components(document)) >= {"package-0", "overhead"}
    assert "wall" not in components(document)
    (gap,) = [one for one in document["energy"]["gaps"] if one["channel"] == "wall"]
    assert BROKEN[name][1] in gap["why"]
    assert any(BROKEN[name][1] in part for part in document["boundary"]["left_out"])


def test_a_plug_that_never_answers_holds_nobody_up(tmp_path, host, serve):
    code, document, _ = measured(tmp_path, host, plug(serve({PATH: late(30)})), script="raise SystemExit(7)")
    assert code == 7
    assert document["duration_s"] < 5
    assert "wall" not in components(document)


def test_a_controller_is_asked_by_redfish_and_only_the_supply_is_modelled(tmp_path, host, serve):
    code, document, _ = measured(tmp_path, host, f'redfish = "{serve(controller()).url}"\n')
    parts = components(document)
    assert code == 7
    assert set(parts) == {"package-0", "board", "overhead"}
    assert parts["board"]["method"] == "redfish-power"
    whole_w = (parts["package-0"]["host_j"]["central"] + parts["board"]["host_j"]["central"]) / document["duration_s"]
    assert whole_w == pytest.approx(344, rel=0.02)
    assert any("whose loss is modelled" in note for note in document["boundary"]["notes"])


def test_a_controller_is_asked_by_ipmi_where_there_is_one(tmp_path, host):
    answers = host.path / "dev" / "ipmi0" / "0x2c"
    answers.mkdir(parents=True)
    (answers / "0x02").write_text(CONTROLLER)
    code, document, _ = measured(tmp_path, host)
    parts = components(document)
    assert code == 7
    assert parts["board"]["method"] == "dcmi-power"
    whole_w = (parts["package-0"]["host_j"]["central"] + parts["board"]["host_j"]["central"]) / document["duration_s"]
    assert whole_w == pytest.approx(400, rel=0.02)


def test_a_reading_typed_with_the_run_replaces_the_overhead_and_is_shown_as_stated(tmp_path, host):
    code, document, said = measured(tmp_path, host, "", "--wall-kwh", "0.0001:0.00015:0.0002")
    assert code == 7
    assert components(document)["wall-typed"]["quality"] == "stated"
    assert document["energy"]["host_kwh"]["central"] == pytest.approx(0.00015)
    assert document["boundary"]["stated"] == ["board"]
    assert "a person typed" in said
    explained = footprint("explain", "last", "carbon_location", cwd=tmp_path)
    assert "what a person read at the wall" in explained.stdout
    shown = footprint("show", "last", cwd=tmp_path)
    assert "wall-typed, stated" in shown.stdout
    assert "up to the wall: a meter's reading of 0.0001:0.00015:0.0002 kWh" in shown.stdout


def test_a_reading_below_the_parts_is_unavailable_and_the_exit_code_stays(tmp_path, host):
    code, document, _ = measured(tmp_path, host, "", "--wall-kwh", "0.000001±1%")
    assert code == 7
    assert set(components(document)) >= {"package-0", "overhead"}
    (gap,) = [one for one in document["energy"]["gaps"] if one["channel"] == "wall-typed"]
    assert "less than" in gap["why"]


@pytest.mark.parametrize("reading", ["0", "-1", "nan", "much", "1:2", "0.4kWh"])
def test_a_reading_that_is_none_stops_before_the_job_starts(tmp_path, reading):
    done = footprint("run", f"--wall-kwh={reading}", "--", "touch", str(tmp_path / "ran"), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("footprint: --wall-kwh")
    assert not (tmp_path / "ran").exists()


def test_a_reading_typed_after_the_run_is_in_it_from_then_on(tmp_path, host):
    measured(tmp_path, host)
    done = footprint("wall", "last", "--before", "12.0000", "--after", "12.0002", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    document = json.loads(footprint("show", "last", "--json", cwd=tmp_path).stdout)
    assert document["energy"]["host_kwh"]["central"] == pytest.approx(0.0002)
    assert "12.0000 to 12.0002" in " ".join(document["boundary"]["notes"])


def test_a_block_takes_a_reading_too(tmp_path, host):
    script = (
        "import footprint\n"
        "with footprint.track('t', region='FR', wall_kwh='0.00012±5%') as run: sum(range(10**7))\n"
        "print(round(run.result.energy.host_kwh.central, 9), run.result.boundary.stated)\n"
        "try: footprint.track(wall_kwh='-1')\n"
        "except ValueError as fault: print(fault)\n"
    )
    environ = {**os.environ, "FOOTPRINT_SYSROOT": str(host.path)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)
    assert "0.00012 ('board',)" in done.stdout
    assert "wall_kwh -1: it is no energy above 0" in done.stdout


def test_doctor_waits_for_a_meter_and_says_who_is_asked(tmp_path, host, serve):
    meter, settings = serve({PATH: SHELLY}), tmp_path / "footprint.toml"
    settings.write_text(plug(meter))
    found = footprint("doctor", "--json", cwd=tmp_path, FOOTPRINT_SYSROOT=str(host.path))
    by_name = {one["channel"]: one for one in json.loads(found.stdout)["channels"]}
    assert (by_name["wall"]["state"], by_name["wall"]["method"], by_name["wall"]["error_pct"]) == (
        "measured", "wall-power", 1.0,
    )  # fmt: skip
    assert by_name["package-0"]["inside"] == "wall"
    assert "overhead" not in by_name
    assert f'"value": "{meter.url}"' in found.stdout
    settings.write_text(plug(serve({PATH: 401})))
    found = footprint("doctor", "--json", cwd=tmp_path, FOOTPRINT_SYSROOT=str(host.path))
    by_name = {one["channel"]: one for one in json.loads(found.stdout)["channels"]}
    assert by_name["wall"]["state"] == "unavailable"
    assert "401" in by_name["wall"]["why"]
    assert "[wall_meter]" in by_name["wall"]["fix"]
    assert by_name["overhead"]["state"] == "modelled"


def test_settings_that_are_broken_stop_before_the_job_starts(tmp_path):
    (tmp_path / "footprint.toml").write_text('[wall_meter]\nurl = "http://192.168.1.40/"\n')
    done = footprint("run", "--", "touch", str(tmp_path / "ran"), cwd=tmp_path)
    assert done.returncode == 2
    assert "neither power nor energy" in done.stderr
    assert not (tmp_path / "ran").exists()
