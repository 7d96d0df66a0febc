"""Meters in the settings: what may be written there, and what is refused before a job starts."""

import os

import pytest

from footprint import config, meters
from footprint.collectors.named import Address, Redfish, WallMeter
from footprint.errors import UsageError
from footprint.measuring import Request, settings_for

PLUG = {"url": "http://192.168.1.40/rpc/Switch.GetStatus?id=0", "power": "apower"}


def wall(**more):
    return meters.named(None, {**PLUG, **more}, {}).wall


def test_a_plug_needs_an_address_and_the_path_to_its_power():
    assert wall() == (WallMeter(Address(PLUG["url"]), ("apower",), "power", 1.0, 1.0, None),)


def test_energy_has_a_unit_a_refresh_and_an_error_of_the_devices_own():
    table = {"url": PLUG["url"], "energy": "aenergy.total", "energy_unit": "Wh", "refresh_s": 60, "error_pct": 2}
    (meter,) = meters.named(None, table, {}).wall
    assert (meter.path, meter.reading, meter.si_per_unit) == (("aenergy", "total"), "counter", 3600.0)
    assert (meter.refresh_s, meter.error_pct) == (60.0, 2.0)


def test_several_plugs_of_one_machine_are_a_list():
    assert len(meters.named(None, [PLUG, PLUG], {}).wall) == 2


def test_a_controller_is_its_address_alone_or_a_table():
    assert meters.named("https://10.0.0.5", None, {}).redfish == Redfish(Address("https://10.0.0.5"))
    table = {"address": "https://bmc.example:8443/", "chassis": "1U", "verify": False}
    named = meters.named(table, None, {}).redfish
    assert (named.chassis, named.address.verify) == ("1U", False)


def test_a_login_is_read_from_a_file_of_ones_own_or_the_environment_and_shown_nowhere(tmp_path):
    file = tmp_path / "bmc"
    file.write_text("reader:secret\n")
    file.chmod(0o600)
    table = {"address": "https://10.0.0.5", "login_file": str(file)}
    named = meters.named(table, None, {})
    assert named.redfish.address.login == "reader:secret"
    assert "secret" not in repr(named)
    given = meters.named("https://10.0.0.5", None, {"FOOTPRINT_REDFISH_LOGIN": "a:b"}).redfish
    assert given.address.login == "a:b"


def test_a_login_that_others_may_read_is_refused(tmp_path):
    file = tmp_path / "bmc"
    file.write_text("reader:secret")
    file.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600") as caught:
        meters.named({"address": "https://10.0.0.5", "login_file": str(file)}, None, {})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "more",
    [
        {"url": "192.168.1.40"},
        {"url": "ftp://192.168.1.40/"},
        {"url": "http://user:pass@192.168.1.40/"},
        {"url": "http://192.168.1.40/a b"},
        {"url": "http://192.168.1.40:x/"},
        {"url": "http://[::1/"},
        {"url": 5},
        {"power": ""},
        {"power": 5},
        {"power": ["a", 1]},
        {"energy": "aenergy.total"},
        {"power_unit": "hp"},
        {"refresh_s": 0},
        {"refresh_s": "soon"},
        {"refresh_s": float("nan")},
        {"error_pct": 99},
        {"error_pct": True},
        {"password": "secret"},
        {"colour": "blue"},
        {"verify": "no"},
        {"certificate": "/no/such/file"},
        {"login_file": "/no/such/file"},
    ],
)
def test_a_plug_that_cannot_be_is_refused_in_one_line(more):
    with pytest.raises(UsageError) as caught:
        wall(**more)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "value", [5, {"chassis": "1"}, "https://10.0.0.5/redfish/v1", "nonsense", {"address": "https://h", "password": "p"}]
)
def test_a_controller_that_cannot_be_is_refused(value):
    with pytest.raises(UsageError):
        meters.named(value, None, {})


def test_a_login_is_not_sent_for_all_to_read():
    login = {"FOOTPRINT_WALL_METER_LOGIN": "a:b"}
    with pytest.raises(UsageError, match="https"):
        meters.named(None, PLUG, login)
    assert meters.named(None, {**PLUG, "url": "http://127.0.0.1:8000/"}, login).wall[0].address.login == "a:b"


def test_meters_of_unlike_kinds_and_too_many_of_them_are_refused():
    energy = {"url": PLUG["url"], "energy": "e"}
    for tables in ([PLUG, energy], [PLUG] * 9, [{}], [5]):
        with pytest.raises(UsageError):
            meters.named(None, tables, {})


def test_a_broken_table_stops_before_the_job_starts_and_a_good_one_does_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "footprint.toml").write_text('[wall_meter]\nurl = "nonsense"\npower = "apower"\n')
    with pytest.raises(UsageError):
        settings_for(Request(), "argument")
    (tmp_path / "footprint.toml").write_text('[wall_meter]\nurl = "http://127.0.0.1:9/"\npower = "apower"\n')
    settings_for(Request(), "argument")


def test_doctor_is_told_who_is_asked_and_nothing_else(tmp_path):
    text = '[[wall_meter]]\nurl = "http://10.0.0.7:8080/cm?user=admin&password=secret"\npower = "a"\n'
    (tmp_path / "footprint.toml").write_text(text)
    settings = config.load({}, {**os.environ, "FOOTPRINT_REDFISH": "https://10.0.0.5"}, str(tmp_path))
    shown = {name: value for name, value, _ in config.explain(settings)}
    assert (shown["wall_meter"], shown["redfish"]) == ("http://10.0.0.7:8080", "https://10.0.0.5")
