"""Power of a server by DCMI: recorded controllers, and what answers mean."""

import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from virtual_host.build import NoCompiler, controller

from footprint import catalogue
from footprint.collectors import ipmi, ipmi_device, registry
from footprint.collectors.channel import MACHINE, Channel
from footprint.collectors.host import RealHost
from footprint.collectors.ipmi import power_in
from footprint.collectors.offer import Offer
from footprint.collectors.plan import choose
from footprint.collectors.reading import Failed, Power
from footprint.collectors.recorded_host import RecordedHost

HOSTS = Path(__file__).parent.parent / "hosts"
WHOLE = bytes.fromhex("00dcdc00460058 02dc0055343b56e803000040")


def recorded(name):
    return RecordedHost.from_archive(str(HOSTS / f"{name}.txt"))


def test_a_controller_that_tells_its_power_is_a_channel_of_the_whole_machine():
    (channel,) = ipmi.discover(recorded("ipmi_dcmi")).channels
    assert (channel.kind, channel.name, channel.method, channel.thing) == ("board", "board", "dcmi-power", MACHINE)
    assert (channel.whole, channel.reading, channel.sensor) == (True, "power", "dcmi-power")
    assert channel.refresh_s == 5.0


def test_the_first_answer_is_there_at_once():
    offer = ipmi.discover(recorded("ipmi_dcmi"))
    reader = offer.open(offer.channels)
    assert isinstance(reader.read()["board"], Power)
    assert reader.gpu_use() == {}
    reader.close()
    reader.close()


def test_each_message_gives_what_the_controller_says_then():
    host = recorded("ipmi_dcmi")
    asked = [power_in(host.ipmi("/dev/ipmi0", 0x2C, 0x02, b"", 1.0)) for _ in range(4)]
    assert asked == [
        Power(220.0),
        Power(240.0),
        Failed("the management controller (IPMI): it is busy"),
        Power(260.0),
    ]


def test_a_controller_for_root_alone_is_refused_with_a_fix_that_lasts_and_its_price():
    offer = ipmi.discover(recorded("ipmi_root_only"))
    (refusal,) = offer.refusals
    assert offer.channels == ()
    assert "root alone" in refusal.why
    assert "/etc/udev/rules.d/70-ipmi.rules" in refusal.fix
    assert "switch the machine off" in refusal.fix


def test_a_controller_without_dcmi_is_refused_with_another_way():
    (refusal,) = ipmi.discover(recorded("ipmi_no_dcmi")).refusals
    assert "no DCMI" in refusal.why
    assert "[redfish]" in refusal.fix


@pytest.mark.parametrize("name", ["no_powercap", "two_socket_intel"])
def test_without_a_controller_there_is_nothing_to_say_and_nothing_is_loaded(name):
    assert ipmi.discover(recorded(name)) == Offer("ipmi")
    assert "ipmi" not in [offer.collector for offer in registry.discover(recorded(name))]


def test_with_a_controller_it_is_asked():
    assert "ipmi" in [offer.collector for offer in registry.discover(recorded("ipmi_dcmi"))]


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (b"", "nothing"),
        (b"\xc1", "no DCMI"),
        (b"\xd4", "may not be asked"),
        (b"\x83", "83h"),
        (WHOLE[:10], "another form"),
        (b"\x00\xdd" + WHOLE[2:], "another form"),
        (WHOLE[:18] + b"\x00", "does not measure"),
        (WHOLE[:2] + b"\0\0" + WHOLE[4:], "0 W"),
        (WHOLE[:2] + b"\xff\xff" + WHOLE[4:], "65535 W"),
    ],
)
def test_an_answer_that_is_no_power_says_why(answer, word):
    outcome = power_in(answer)
    assert isinstance(outcome, Failed)
    assert word in outcome.why
    assert power_in(WHOLE) == Power(220.0)


def test_the_meter_of_acpi_and_the_controller_are_two_ways_to_one_thing():
    meter = Channel("board", "board", "hwmon", "hwmon-power", "power", MACHINE, whole=True)
    plan = choose((Offer("hwmon", (meter,)), ipmi.discover(recorded("ipmi_dcmi"))))
    assert [one.collector for one in plan.channels] == ["hwmon"]
    assert [one.collector for one in plan.passed_over] == ["ipmi"]


def test_messages_have_the_sizes_of_the_kernels_on_this_machine():
    """``struct ipmi_req`` and ``ipmi_recv`` of linux/ipmi.h: 40 and 48 bytes where a pointer has 8."""
    if struct.calcsize("P") == 8:
        assert (ipmi_device.SEND, ipmi_device.RECEIVE) == (0x8028690D, 0xC030690B)


def test_the_kernels_own_header_understands_what_is_packed():
    """``fake_ipmi.c`` is compiled against linux/ipmi.h, and looks at every field of what Python sends."""
    if not Path("/usr/include/linux/ipmi.h").exists():
        pytest.skip("THE MESSAGES ARE NOT HELD AGAINST THE KERNEL'S HEADER: it is not installed (linux-libc-dev)")
    try:
        library = controller()
    except NoCompiler as fault:
        pytest.skip(f"THE MESSAGES ARE NOT HELD AGAINST THE KERNEL'S HEADER: {fault}")
    script = (
        "import sys; from footprint.collectors import ipmi, ipmi_device\n"
        "with open(sys.argv[1], 'w+b') as file:\n"
        "    for command in (2, 3):\n"
        "        data = bytes((0xDC, 1, 0, 0))\n"
        "        print(ipmi.power_in(ipmi_device.exchange(file.fileno(), 0x2C, command, data, 1.0)))\n"
    )
    with tempfile.NamedTemporaryFile() as file:
        command = [sys.executable, "-c", script, file.name]
        environ = {**os.environ, "LD_PRELOAD": str(library)}
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)
    said = ["Power(power_w=220.0)", "Failed(why='the management controller (IPMI): it knows no DCMI')"]
    assert done.stdout.splitlines() == said


def test_something_that_is_no_controller_is_an_error_of_the_system(tmp_path):
    with (tmp_path / "file").open("w+b") as file, pytest.raises(OSError, match="ioctl"):
        ipmi_device.exchange(file.fileno(), 0x2C, 0x02, b"\xdc", 0.1)


def test_a_folder_that_stands_for_the_root_holds_an_answer(tmp_path):
    place = tmp_path / "dev" / "ipmi0" / "0x2c"
    place.mkdir(parents=True)
    (place / "0x02").write_text(WHOLE.hex(" "))
    assert power_in(RealHost(str(tmp_path)).ipmi("/dev/ipmi0", 0x2C, 0x02, b"", 1.0)) == Power(220.0)
    (place / "0x02").write_text("no digits")
    assert "no hexadecimal" in ipmi.discover(RealHost(str(tmp_path))).refusals[0].why


@pytest.mark.parametrize("sensor", ["dcmi-power", "redfish-power", "wall-meter"])
def test_each_class_of_sensor_has_its_own_wide_error(sensor):
    (row,) = [one for one in catalogue.load("FR").factors if one.indicator == "sensor" and one.zone == sensor]
    assert row.value.low <= 0.9 < 1.1 <= row.value.high
