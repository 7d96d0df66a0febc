"""Power without sensors, against servers that were measured and machines of known size."""

import subprocess
import sys
from pathlib import Path

import pytest

from footprint import catalogue
from footprint.collectors.machine import HostInfo
from footprint.factors import Catalogue
from footprint.interval import common_total, exact
from footprint.power_model import (
    Asked,
    cpu_power,
    cpu_power_of,
    dram_power,
    idle_power,
    overhead,
    rows_used,
    tdp_of,
    wall_error,
)

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = catalogue.load("WORLD")
SMALL_VM = HostInfo("", "Linux", "AMD EPYC (family 25 model 17)", 2, 1, 2, memory_gb=4.0, virtual=True)
XEON = HostInfo("", "Linux", "Intel(R) Xeon(R) Platinum 8280 CPU", 112, 2, 56, memory_gb=192.0, virtual=False)


def wall(host, load):
    cpu, dram = cpu_power(host, load, CATALOGUE), dram_power(host, CATALOGUE, load)
    components = common_total((cpu, dram))
    beyond = overhead(host, board_measured=False, catalogue=CATALOGUE).beyond(components)
    return common_total((components, beyond))[:3]


def test_a_virtual_machine_of_two_threads_takes_its_share_of_a_server_not_a_server():
    assert 1 < wall(SMALL_VM, 0.0)[1] < wall(SMALL_VM, 1.0)[1] < 12


@pytest.mark.parametrize(("load", "measured_w"), [(0.0, 48), (1.0, 415)])
def test_the_interval_of_a_known_design_holds_what_such_servers_measured(load, measured_w):
    low, central, high = wall(XEON, load)
    assert low < measured_w < high
    assert central == pytest.approx(measured_w, rel=0.8)


def test_half_the_threads_of_a_virtual_machine_are_half_the_power():
    half = SMALL_VM._replace(logical_cpus=1)
    assert cpu_power(half, 0.5, CATALOGUE).central == pytest.approx(cpu_power(SMALL_VM, 0.5, CATALOGUE).central / 2)


def test_the_cores_of_a_physical_machine_count_not_its_threads():
    without_threads = XEON._replace(logical_cpus=56)
    assert cpu_power(without_threads, 1.0, CATALOGUE) == cpu_power(XEON, 1.0, CATALOGUE)


def test_a_core_among_many_uses_less_than_one_among_few():
    few, many = XEON._replace(cores=24, logical_cpus=48), XEON
    assert cpu_power(few, 1.0, CATALOGUE).central / 24 > cpu_power(many, 1.0, CATALOGUE).central / 56


def test_a_server_that_nobody_knows_has_wider_bounds_than_a_known_one():
    unknown = XEON._replace(cpu="something new")
    known_w, unknown_w = cpu_power(XEON, 1.0, CATALOGUE), cpu_power(unknown, 1.0, CATALOGUE)
    assert unknown_w.high / unknown_w.low > known_w.high / known_w.low


def test_a_laptop_is_not_taken_for_a_server():
    laptop = HostInfo("", "Linux", "11th Gen Intel(R) Core(TM) i7-1185G7", 8, 1, 4, 16.0, virtual=False, battery=True)
    assert cpu_power(laptop, 1.0, CATALOGUE).central < 40
    assert dram_power(laptop, CATALOGUE).central < 3


def test_memory_that_is_not_told_is_taken_from_the_threads_with_wide_bounds():
    power = dram_power(XEON._replace(memory_gb=None), CATALOGUE)
    assert power.low > 0
    assert power.high / power.low > 20


def test_old_servers_have_hungrier_memory():
    old = XEON._replace(cpu="Intel(R) Xeon(R) CPU E5-2670 0")
    assert dram_power(old, CATALOGUE).central > 2 * dram_power(XEON, CATALOGUE).central


def test_a_measured_board_leaves_only_the_power_supply():
    components = exact(200.0)
    beyond = overhead(XEON, board_measured=False, catalogue=CATALOGUE).beyond(components)
    supply = overhead(XEON, board_measured=True, catalogue=CATALOGUE).beyond(components)
    assert 0 < supply.low < supply.central < beyond.central
    assert supply.high < beyond.high


def test_a_board_uses_its_watts_when_nothing_works_and_longer_is_more():
    lies_between = overhead(XEON, board_measured=False, catalogue=CATALOGUE)
    assert lies_between.beyond(exact(0.0)).central == pytest.approx(24.0)
    assert lies_between.beyond(exact(0.0), 10.0).central == pytest.approx(240.0)


def test_a_machine_whose_sockets_are_not_told_is_between_one_and_two():
    one, untold, two = (
        overhead(XEON._replace(sockets=sockets), board_measured=False, catalogue=CATALOGUE).base_w
        for sockets in (1, None, 2)
    )
    assert one.low == untold.low < untold.high == two.high
    assert one.central < untold.central < two.central


def test_gpus_add_watts_and_no_share_of_what_the_processors_use():
    """On a server with eight GPUs a job on processors alone is charged no more than its part of the components."""
    eight = XEON._replace(gpus=("NVIDIA H100",) * 8)
    plain, many = (overhead(host, board_measured=False, catalogue=CATALOGUE) for host in (XEON, eight))
    assert many.share == plain.share
    assert many.base_w.central - plain.base_w.central == pytest.approx(8 * 105)


def test_a_virtual_machine_bears_no_board_of_its_own():
    lies_between = overhead(SMALL_VM, board_measured=False, catalogue=CATALOGUE)
    assert lies_between.base_w.high == 0
    assert 0 < lies_between.share.central < 1


def test_a_virtual_machine_with_gpus_bears_what_stands_beside_them():
    one, eight, server = (
        overhead(host._replace(gpus=("NVIDIA H100",) * count), board_measured=False, catalogue=CATALOGUE)
        for host, count in ((SMALL_VM, 1), (SMALL_VM, 8), (XEON, 8))
    )
    assert one.base_w.high > 2 * one.base_w.central > 0, "nobody tells how many GPUs its server has"
    assert eight.base_w.central == pytest.approx(server.base_w.central - 24)
    assert eight.share == server.share


@pytest.mark.parametrize("cores", [2, 4, 8, 64])
def test_a_virtual_machine_of_two_threads_is_less_than_a_tenth_of_its_server(cores):
    server = XEON._replace(cores=cores, logical_cpus=2 * cores, sockets=1, cpu="AMD EPYC (family 25 model 17)")
    if cores >= 64:
        assert wall(SMALL_VM, 1.0)[1] < 0.1 * wall(server, 1.0)[1]
    assert wall(SMALL_VM, 1.0)[1] < wall(server, 1.0)[1]


def test_two_threads_of_a_large_design_are_a_share_where_nothing_says_whether_they_are_virtual():
    untold = SMALL_VM._replace(virtual=None)
    assert wall(untold, 1.0) == wall(SMALL_VM, 1.0)
    told = SMALL_VM._replace(virtual=False)
    assert wall(told, 1.0)[1] > wall(untold, 1.0)[1]


def test_a_processor_that_was_measured_has_narrower_bounds_than_its_design():
    known = catalogue.load("WORLD", cpu=XEON.cpu)
    assert tdp_of(XEON.cpu, known) == 205
    assert tdp_of(XEON.cpu, CATALOGUE) is None
    with_it, without = cpu_power(XEON, 1.0, known), cpu_power(XEON, 1.0, CATALOGUE)
    assert with_it.high / with_it.low < without.high / without.low


def test_a_higher_design_power_is_more_at_full_load():
    low, high = (cpu_power_of(Asked(XEON, watts), 1.0, CATALOGUE) for watts in (125, 270))
    assert low.central < high.central


def test_a_design_that_nobody_knows_goes_by_its_year():
    unknown = XEON._replace(cpu="something new")
    old, new = (cpu_power_of(Asked(unknown, 200, year), 0.0, CATALOGUE) for year in (2012, 2024))
    assert old.central != new.central


def test_errors_at_the_wall_are_wider_where_less_is_known():
    widths = [wall_error(known, 0.7, new=True, catalogue=CATALOGUE) for known in ("measured", "tdp", "unknown")]
    ratios = [one.high / one.low for one in widths]
    assert ratios == sorted(ratios)
    assert {one.kind for one in widths} == {"p90"}


@pytest.mark.parametrize("kind", ["cpu", "dram", "gpu", "board", "other"])
def test_every_kind_of_channel_has_an_idle_power(kind):
    for limit_w in (None, 400.0):
        power = idle_power(kind, limit_w, XEON, CATALOGUE)
        assert 0 < power.low <= power.central <= power.high < 400


def test_the_idle_power_of_one_package_is_its_part_of_the_host():
    one, host = idle_power("cpu", None, XEON, CATALOGUE), cpu_power(XEON, 0.0, CATALOGUE)
    assert one.central == pytest.approx(host.central / 2)


def test_a_gpu_idles_at_a_part_of_its_limit():
    assert idle_power("gpu", 700.0, XEON, CATALOGUE).central == pytest.approx(70.0)


def test_the_rows_that_a_host_takes_are_named():
    zones = {row.zone for row in rows_used(SMALL_VM, CATALOGUE)}
    assert zones == {"amd-zen4", "server", "virtual"}
    assert "unknown" in {row.zone for row in rows_used(XEON._replace(cpu=""), CATALOGUE)}


def test_a_catalogue_without_the_rows_says_which_is_missing():
    with pytest.raises(LookupError, match="power_model/"):
        cpu_power(XEON, 0.5, Catalogue("", "", ()))


def test_nothing_modelled_is_called_an_interval_of_confidence():
    assert cpu_power(XEON, 0.5, CATALOGUE).kind == "envelope"
    assert dram_power(XEON, CATALOGUE).kind == "envelope"


def test_every_processor_of_the_table_names_sources_that_are_known():
    lines = (ROOT / "footprint" / "data" / "processors.csv").read_text(encoding="utf-8").splitlines()[1:]
    known = catalogue.sources()
    for line in lines:
        assert set(line.rpartition(",")[2].split(";")) <= set(known), line
    keys = [line.partition(",")[0] for line in lines]
    assert keys == sorted(set(keys))


def test_the_coefficients_are_what_the_servers_give():
    pytest.importorskip("numpy")
    script = ROOT / "scripts" / "build_power_model.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run scripts/build_power_model.py, then scripts/build_catalogue.py: {done.stderr}"
