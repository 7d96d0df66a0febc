"""What must hold of the power model for any machine."""

import math

from hypothesis import given
from hypothesis import strategies as st

from footprint import catalogue
from footprint.collectors.machine import HostInfo
from footprint.interval import exact
from footprint.power_model import cpu_power, dram_power, overhead

CATALOGUE = catalogue.load("WORLD")
CPUS = (
    "", "something new", "AMD EPYC 9654", "AMD EPYC (family 25 model 17)", "AMD EPYC 9845", "Intel(R) Xeon(R) 6980P",
    "Intel(R) Xeon(R) Platinum 8480+", "Intel(R) Xeon(R) CPU E5-2670 0", "Arm Neoverse-N1", "AMD Ryzen 9 5950X",
    "Apple M1", "Arm Cortex-A72", "Intel(R) Xeon(R) Gold 6780E", "Intel Xeon L5420",
)  # fmt: skip


@st.composite
def hosts(draw):
    logical = draw(st.integers(1, 1024))
    return HostInfo(
        "",
        "Linux",
        draw(st.sampled_from(CPUS)),
        logical,
        draw(st.none() | st.integers(1, 8)),
        draw(st.none() | st.integers(1, logical)),
        draw(st.none() | st.floats(0.1, 24_000)),
        draw(st.none() | st.booleans()),
        battery=draw(st.booleans()),
        gpus=draw(st.integers(0, 9)) * ("GPU",),
    )


loads = st.floats(0, 1)


@given(hosts(), loads)
def test_bounds_are_ordered_finite_and_above_nothing(host, load):
    powers = (cpu_power(host, load, CATALOGUE), dram_power(host, CATALOGUE, load))
    beyond = [overhead(host, board_measured=board, catalogue=CATALOGUE).beyond(powers[0]) for board in (False, True)]
    for value in (*powers, *beyond):
        assert 0 < value.low <= value.central <= value.high < math.inf
        assert value.kind == "envelope"


@given(hosts(), loads, loads)
def test_more_load_is_never_less_power(host, one, other):
    less, more = (cpu_power(host, load, CATALOGUE) for load in sorted((one, other)))
    for at in range(3):
        assert more[at] >= less[at] * (1 - 1e-12)


@given(hosts(), st.floats(0, 1e5), st.floats(0, 1e5), st.floats(0, 1e4))
def test_more_components_have_more_beyond_them_but_never_more_for_each_watt(host, one, other, seconds):
    lies_between = overhead(host, board_measured=False, catalogue=CATALOGUE)
    less, more = (lies_between.beyond(exact(joules), seconds) for joules in sorted((one, other)))
    for at in range(3):
        assert more[at] >= less[at]
    if min(one, other) > 0:
        assert more.central / max(one, other) <= less.central / min(one, other) * (1 + 1e-9)


@given(hosts())
def test_busy_is_more_than_idle(host):
    assert cpu_power(host, 1.0, CATALOGUE).central > 1.2 * cpu_power(host, 0.0, CATALOGUE).central


@given(hosts(), st.integers(1, 512), loads)
def test_more_threads_are_never_less_power(host, more, load):
    """Threads and cores grow together, at the same number of sockets."""
    cores = None if host.cores is None else host.cores + more
    bigger = host._replace(logical_cpus=host.logical_cpus + more, cores=cores)
    for at in range(3):
        assert cpu_power(bigger, load, CATALOGUE)[at] >= cpu_power(host, load, CATALOGUE)[at] * (1 - 1e-12)


@given(hosts(), st.floats(-5, 5))
def test_a_load_that_cannot_be_is_taken_as_idle_or_full(host, load):
    expected = cpu_power(host, min(1.0, max(0.0, load)), CATALOGUE)
    assert cpu_power(host, load, CATALOGUE) == expected


@given(hosts(), st.floats(0.1, 1000), st.floats(0.1, 1000), loads)
def test_more_memory_is_never_less_power(host, one, other, load):
    less, more = (dram_power(host._replace(memory_gb=size), CATALOGUE, load) for size in sorted((one, other)))
    assert more.central >= less.central
