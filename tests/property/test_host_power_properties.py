"""What must hold of the power of any host without sensors."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from footprint.estimation.host_power import Told, power

CPUS = (
    "", "something new", "AMD EPYC 9654", "AMD EPYC 7742 64-Core Processor", "Intel(R) Xeon(R) 6980P", "Apple M1",
    "Intel(R) Xeon(R) Platinum 8480+", "Intel(R) Xeon(R) CPU E5-2670 0", "Arm Cortex-A72", "AMD Ryzen 9 5950X",
    "Intel(R) Xeon(R) Gold 6138 CPU @ 2.00GHz", "Intel Xeon L5420",
)  # fmt: skip


@st.composite
def hosts(draw):
    sockets = draw(st.none() | st.integers(1, 8))
    cores = draw(st.none() | st.integers(sockets or 1, 512))
    threads = draw(st.none() | st.integers(cores or sockets or 1, 1024))
    return Told(
        draw(st.floats(0, 1)), draw(st.sampled_from(CPUS)), sockets, cores, threads, draw(st.none() | st.floats(5, 600)),
        draw(st.none() | st.floats(0.5, 8_000)), draw(st.none() | st.integers(2004, 2030)),
    )  # fmt: skip


@settings(deadline=None)
@given(hosts())
def test_bounds_are_ordered_and_finite_and_processors_are_never_more_than_the_wall(host):
    wall, package = power(host, "wall"), power(host, "package")
    for value in (wall, package):
        assert 0 < value.low <= value.central <= value.high < math.inf
    for at in range(3):
        assert package[at] <= wall[at]


@settings(deadline=None)
@given(hosts(), st.floats(0, 1))
def test_more_load_is_never_less_power(host, other):
    less, more = (power(host._replace(load=load), "wall") for load in sorted((host.load, other)))
    assert more.central >= less.central * (1 - 1e-12)
    assert more.high >= less.high * (1 - 1e-12) or host.load != other


@settings(deadline=None)
@given(hosts())
def test_only_a_server_that_is_told_in_full_has_an_interval_of_90_per_cent(host):
    full = (host.cores or host.threads) and host.memory_gb
    if power(host, "wall").kind == "p90":
        assert full
    assert power(host, "package").kind == "envelope"


@settings(deadline=None)
@given(hosts())
def test_what_is_not_told_widens_and_never_narrows(host):
    told = host._replace(sockets=host.sockets or 1, memory_gb=host.memory_gb or 64.0, year=host.year or 2020)
    less = told._replace(memory_gb=None)
    known, unknown = power(told, "wall"), power(less, "wall")
    assert unknown.high / unknown.low >= known.high / known.low * (1 - 1e-9)
