"""A server's power by Redfish, as a real server on this machine that speaks it well or badly."""

import base64
import time

import pytest
from fake_meters import BROKEN, METRICS, POWER, controller

from footprint.collectors import redfish, registry
from footprint.collectors.channel import MACHINE
from footprint.collectors.host import RealHost
from footprint.collectors.named import Address, Login, Named, Redfish
from footprint.collectors.reading import NOT_YET, Failed, Power
from footprint.collectors.recorded_host import RecordedHost

ROOT = "/redfish/v1/Chassis"


def answer_of(meter, chassis="", login=""):
    named = Named(Redfish(Address(meter.url, Login(login)), chassis))
    offer = redfish.discover(RealHost(named=named))
    reader = offer.open(offer.channels)
    end_s = time.monotonic() + 5
    while (outcome := reader.read()["board"]) == Failed(NOT_YET) and time.monotonic() < end_s:
        time.sleep(0.01)
    reader.close()
    reader.close()
    assert reader.gpu_use() == {}
    return outcome


def test_the_power_that_is_consumed_is_the_machines(serve):
    meter = serve(controller())
    assert answer_of(meter) == Power(344.0)
    (channel,) = redfish.discover(RealHost(named=Named(Redfish(Address(meter.url))))).channels
    assert (channel.method, channel.thing, channel.whole) == ("redfish-power", MACHINE, True)
    assert (channel.sensor, channel.refresh_s) == ("redfish-power", 5.0)


def test_newer_controllers_tell_it_as_a_metric(serve):
    assert answer_of(serve(controller(METRICS, model="EnvironmentMetrics"))) == Power(374.0)


def test_a_login_is_sent_with_each_question(serve):
    meter = serve(controller())
    answer_of(meter, login="reader:secret")
    assert set(meter.logins) == {"Basic " + base64.b64encode(b"reader:secret").decode()}


def test_of_several_chassis_the_named_one_counts_and_without_a_name_none(serve):
    meter = serve(controller(chassis=("1U", "GPUs")))
    assert answer_of(meter, "GPUs") == Power(344.0)
    said = answer_of(meter).why
    assert 'chassis = "1U"' in said
    assert "no chassis 'x'" in answer_of(meter, "x").why


def test_a_chassis_without_power_is_passed_over(serve):
    pages = controller(chassis=("1U", "Drives"))
    pages[f"{ROOT}/Drives"] = {"Id": "Drives"}
    assert answer_of(serve(pages)) == Power(344.0)


def test_of_several_power_controls_the_one_of_the_whole_machine_counts(serve):
    parts = [{"Name": "CPU Power", "PowerConsumedWatts": 120}, *POWER["PowerControl"]]
    assert answer_of(serve(controller({"PowerControl": parts}))) == Power(344.0)
    unnamed = [{"PowerConsumedWatts": 120}, {"PowerConsumedWatts": 344}]
    assert "several power controls" in answer_of(serve(controller({"PowerControl": unnamed}))).why


@pytest.mark.parametrize("place", [ROOT, f"{ROOT}/1U", f"{ROOT}/1U/Power"])
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_answer_at_any_step_is_a_failure_that_says_why(serve, place, name):
    pages = controller()
    pages[place] = BROKEN[name][0]
    outcome = answer_of(serve(pages))
    assert isinstance(outcome, Failed)
    assert outcome.why.startswith("the management controller (Redfish): ")
    assert "\n" not in outcome.why
    assert len(outcome.why) < 250


@pytest.mark.parametrize(
    "power",
    [
        {},
        {"PowerControl": []},
        {"PowerControl": {"PowerConsumedWatts": 5}},
        {"PowerControl": [{"PowerConsumedWatts": None}]},
        {"PowerControl": [{"PowerConsumedWatts": "much"}]},
        {"PowerControl": [{"PowerConsumedWatts": 0}]},
        {"PowerControl": [{"PowerConsumedWatts": -20}]},
        {"PowerControl": [{"PowerConsumedWatts": 1e300}]},
        {"PowerControl": ["344"]},
    ],
)
def test_a_wrong_schema_or_a_power_that_cannot_be_is_a_failure_and_never_a_zero(serve, power):
    assert isinstance(answer_of(serve(controller(power))), Failed)


@pytest.mark.parametrize("link", [{"@odata.id": "http://elsewhere.example/x"}, {"@odata.id": "//x/y"}, {}, "x", None, {
    "@odata.id": "/a b"}])  # fmt: skip
def test_a_link_to_another_server_is_not_followed(serve, link):
    pages = controller()
    pages[f"{ROOT}/1U"] = {"Power": link}
    meter = serve(pages)
    assert isinstance(answer_of(meter), Failed)
    assert set(meter.asked) <= {ROOT, f"{ROOT}/1U"}


def test_without_a_name_in_the_settings_nobody_is_asked():
    host = RecordedHost.from_archive("tests/hosts/no_powercap.txt")
    assert redfish.discover(host) == redfish.Offer("redfish")
    assert "redfish" not in [offer.collector for offer in registry.discover(host)]
