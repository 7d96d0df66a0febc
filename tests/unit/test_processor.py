"""Names of processors, and the design that they stand for."""

import pytest

from footprint.processor import bare, class_of, generation_of


@pytest.mark.parametrize(
    ("cpu", "name"),
    [
        ("AMD EPYC 9654 96-Core Processor", "amd-zen4"),
        ("AMD EPYC 9R14 96-Core Processor", "amd-zen4"),
        ("AMD EPYC (family 25 model 17)", "amd-zen4"),
        ("AMD EPYC-Milan Processor", "amd-zen3"),
        ("AMD EPYC 7B12", "amd-zen2"),
        ("AMD EPYC 9845", "amd-zen5c"),
        ("AMD EPYC 9755 128-Core Processor", "amd-zen5"),
        ("Intel(R) Xeon(R) Platinum 8480+", "intel-sapphire"),
        ("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", "intel-cascade"),
        ("Intel Xeon Processor (Skylake, IBRS)", "intel-skylake"),
        ("Intel(R) Xeon(R) CPU @ 2.20GHz (family 6 model 79)", "intel-broadwell"),
        ("Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", "intel-broadwell"),
        ("Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz", "intel-sandybridge"),
        ("Intel(R) Xeon(R) E-2288G CPU @ 3.70GHz", "intel-small"),
        ("Intel(R) Xeon(R) 6975P-C", "intel-xeon6p"),
        ("Arm Neoverse-V2", "arm-server"),
        ("Ampere(R) Altra(R) Processor", "arm-server"),
    ],
)
def test_a_servers_processor_has_its_generation(cpu, name):
    assert generation_of(cpu).name == name


@pytest.mark.parametrize(
    "cpu", ["", "Intel Xeon Processor", "AMD EPYC", "POWER9, altivec supported", "AMD Ryzen 9 5950X"]
)
def test_a_name_that_does_not_say_its_generation_has_none(cpu):
    assert generation_of(cpu) is None


@pytest.mark.parametrize(
    ("cpu", "battery", "kind"),
    [
        ("AMD EPYC 9654", False, "server"),
        ("something new", False, "server"),
        ("AMD Ryzen 9 5950X 16-Core Processor", False, "desktop"),
        ("12th Gen Intel(R) Core(TM) i9-12900K", False, "desktop"),
        ("11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz", False, "laptop"),
        ("AMD Ryzen 7 PRO 7840U w/ Radeon 780M Graphics", False, "laptop"),
        ("Apple M1", False, "laptop"),
        ("anything", True, "laptop"),
        ("Arm Cortex-A72 (Raspberry Pi 4 Model B)", False, "board"),
    ],
)
def test_machines_are_told_apart_by_class(cpu, battery, kind):
    assert class_of(cpu, battery=battery) == kind


def test_marks_words_and_frequency_are_left_out_of_a_name():
    assert bare("Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz") == "intel xeon gold 6248"
    assert bare("AMD EPYC 7601 2.20 GHz, Dell SKU [338-BNCG]") == "amd epyc 7601"
