"""A processor's generation says what kind of sensor its RAPL is."""

import pytest

from footprint import catalogue
from footprint.collectors.rapl_generation import by_generation
from footprint.collectors.rapl_thing import channel
from footprint.collectors.recorded_host import RecordedHost

INTEL = "== /proc/cpuinfo\nprocessor : 0\nvendor_id : {maker}\ncpu family : {family}\nmodel : {model}\n"


def classes(maker, family, model, *, amd=False):
    host = RecordedHost.from_text(INTEL.format(maker=maker, family=family, model=model))
    channels = tuple(
        channel(name, "rapl_powercap", "rapl-counter", amd=amd) for name in ("package-0", "core-0", "dram-0", "psys")
    )
    return [one.sensor for one in by_generation(host, channels)]


@pytest.mark.parametrize(
    ("maker", "family", "model", "expected"),
    [
        ("GenuineIntel", 6, 45, ["rapl-package-before-haswell", "rapl-core-before-haswell", "rapl-dram", "rapl-psys"]),
        ("GenuineIntel", 6, 60, ["rapl-package", "rapl-core", "rapl-dram", "rapl-psys"]),
        ("GenuineIntel", 6, 63, ["rapl-package", "rapl-core", "rapl-dram-server", "rapl-psys"]),
        ("GenuineIntel", 6, 143, ["rapl-package", "rapl-core", "rapl-dram-server", "rapl-psys"]),
        ("GenuineIntel", 15, 6, ["rapl-package", "rapl-core", "rapl-dram", "rapl-psys"]),
        ("Other", 6, 45, ["rapl-package", "rapl-core", "rapl-dram", "rapl-psys"]),
    ],
)
def test_a_class_by_maker_and_model(maker, family, model, expected):
    assert classes(maker, family, model) == expected
    rows = {row.zone for row in catalogue.rows(None, "sensor")}
    assert set(expected) <= rows


def test_amds_classes_stay():
    assert classes("AuthenticAMD", 25, 1, amd=True)[0] == "rapl-package-amd"
