"""Smart plugs and power strips, as real servers on this machine; the rest of what is read is not held up by them."""

import time

import pytest
from fake_meters import BROKEN, SHELLY, TASMOTA, late

from footprint.collectors import registry, wall_meter
from footprint.collectors.channel import AT_WALL
from footprint.collectors.host import RealHost
from footprint.collectors.named import Address, Named, WallMeter
from footprint.collectors.reading import NOT_YET, Counter, Failed, Power
from footprint.collectors.recorded_host import RecordedHost

HOST = "tests/hosts/no_powercap.txt"


@pytest.fixture
def serve(serve):
    """Starts a meter with one page, and gives that page's address."""

    def start(page, path="/rpc/Switch.GetStatus?id=0"):
        return serve({path: page}).url + path

    return start


def plug(url, path=("apower",), reading="power", unit=1.0, refresh_s=1.0, error_pct=None):
    return WallMeter(Address(url), path, reading, unit, refresh_s, error_pct)


def answer_of(*meters, within_s=5.0):
    """What the collector says of meters once an answer has come."""
    host = RealHost(named=Named(wall=meters))
    offer = wall_meter.discover(host)
    reader = offer.open(offer.channels)
    end_s = time.monotonic() + within_s
    while (outcome := reader.read()["wall"]) == Failed(NOT_YET) and time.monotonic() < end_s:
        time.sleep(0.01)
    reader.close()
    reader.close()
    return outcome


def test_a_plugs_power_is_a_channel_at_the_wall(serve):
    meter = plug(serve(SHELLY))
    (channel,) = wall_meter.discover(RealHost(named=Named(wall=(meter,)))).channels
    assert (channel.kind, channel.name, channel.method, channel.thing) == ("board", "wall", "wall-power", AT_WALL)
    assert (channel.whole, channel.sensor, channel.error_pct) == (True, "wall-meter", None)
    assert answer_of(meter) == Power(212.5)


def test_its_energy_is_a_counter_in_the_unit_that_the_settings_name(serve):
    meter = plug(serve(SHELLY), ("aenergy", "total"), "counter", 3_600.0, 60.0, 2.0)
    (channel,) = wall_meter.discover(RealHost(named=Named(wall=(meter,)))).channels
    assert (channel.method, channel.reading, channel.refresh_s, channel.error_pct) == (
        "wall-counter", "counter", 60.0, 2.0,
    )  # fmt: skip
    assert answer_of(meter) == Counter(pytest.approx(1203.412 * 3600))


def test_another_makers_answer_is_a_matter_of_the_path(serve):
    assert answer_of(plug(serve(TASMOTA), ("StatusSNS", "ENERGY", "Power"))) == Power(187.0)
    assert answer_of(plug(serve({"emeters": [{"power": "91.5"}]}), ("emeters", "0", "power"))) == Power(91.5)


def test_a_machine_with_two_supplies_takes_the_sum_of_both_and_one_may_rest(serve):
    other = plug(serve({"apower": 0}))
    assert answer_of(plug(serve(SHELLY)), other) == Power(212.5)
    assert answer_of(plug(serve(SHELLY)), plug(serve(SHELLY))) == Power(425.0)
    broken = answer_of(plug(serve(SHELLY)), plug(serve(500)))
    assert "(2 of 2)" in broken.why


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_answer_is_a_failure_that_says_why(serve, name):
    page, word = BROKEN[name]
    outcome = answer_of(plug(serve(page)))
    assert isinstance(outcome, Failed)
    assert word in outcome.why
    assert "\n" not in outcome.why
    assert len(outcome.why) < 200


@pytest.mark.parametrize(
    ("page", "word"),
    [
        ({"apower": None}, "no apower"),
        ({"apower": "N/A"}, "no number"),
        ({"apower": True}, "no number"),
        ({"apower": {"value": 1}}, "no number"),
        ({"apower": -5}, "below 0"),
        ({"apower": 0}, "no running machine"),
        ({"apower": 1e9}, "no running machine"),
        (b'{"apower": NaN}', "no number"),
        (b'{"apower": 1e999}', "no number"),
        ({"power": 5}, "no apower"),
    ],
)
def test_a_value_that_cannot_be_is_a_failure_and_never_a_zero(serve, page, word):
    outcome = answer_of(plug(serve(page)))
    assert isinstance(outcome, Failed)
    assert word in outcome.why


def test_nobody_there_is_a_failure():
    assert "nobody listens" in answer_of(plug("http://127.0.0.1:9/status")).why


def test_a_name_that_nobody_knows_is_a_failure():
    assert isinstance(answer_of(plug("http://no-such-host.invalid/")), Failed)


def test_a_late_answer_holds_up_no_reading(serve):
    host = RealHost(named=Named(wall=(plug(serve(late(1.0))),)))
    offer = wall_meter.discover(host)
    reader = offer.open(offer.channels)
    looks = [reader.read()["wall"] for _ in range(100)]
    assert looks == [Failed(NOT_YET)] * 100
    reader.close()


def test_a_meter_that_comes_back_is_read_again(serve):
    pages = [500, 500, SHELLY]
    meter = plug(serve(lambda _request: pages.pop(0) if len(pages) > 1 else pages[0]))
    reader = wall_meter.WallReader(RealHost(), (meter,))
    end_s, seen = time.monotonic() + 15, []
    while not seen or (not isinstance(seen[-1], Power) and time.monotonic() < end_s):
        seen.append(reader.read()["wall"])
        time.sleep(0.02)
    reader.close()
    assert isinstance(seen[-1], Power)
    assert any(isinstance(one, Failed) and "500" in one.why for one in seen)


def test_without_a_name_in_the_settings_nobody_is_asked_and_nothing_is_loaded():
    host = RecordedHost.from_archive(HOST)
    assert wall_meter.discover(host) == wall_meter.Offer("wall_meter")
    assert "wall_meter" not in [offer.collector for offer in registry.discover(host)]
    host.named = Named(wall=(plug("http://127.0.0.1:9/"),))
    assert "wall_meter" in [offer.collector for offer in registry.discover(host)]


def test_a_recorded_host_asks_nobody():
    host = RecordedHost.from_archive(HOST)
    with pytest.raises(OSError, match="asks nobody"):
        host.fetch(Address("http://127.0.0.1:9/"), "", 1.0)
