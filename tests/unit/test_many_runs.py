"""Impacts of many runs at once: blocks, derivations that cannot be read, a machine without numpy."""

import subprocess
import sys

import pytest

from footprint import catalogue
from footprint.factors import Catalogue
from footprint.impacts import impacts_of
from footprint.interval import Interval, exact, product
from footprint.records.derivation import Derivation, Impact, Missing, Step
from footprint.records.hardware import Hardware, Held

pytest.importorskip("numpy")

import numpy as np

from footprint.recompute import made_up, many
from footprint.recompute.formulas import NotReadable, check, difference, read
from footprint.recompute.many_runs import FIELDS, Amounts, Labels, Machines, Runs, amounts, labels, machines

FR = catalogue.load("FR")
JOB, PUE = Interval(0.8, 1.0, 1.3, "envelope"), Interval(1.1, 1.2, 1.5, "envelope")
SERVER = Hardware(2.0, (Held("server-cpu", "2 processors", 2.0, 0.3), Held("dram", "64 GB", 64.0, 0.5)), ("a drive",))


def of(jobs, rows=FR, hardware=None):
    """(the impacts of runs at once, and of each alone)."""
    count = len(jobs)
    runs = Runs(
        amounts(jobs), amounts([PUE] * count), labels(["FR"] * count), labels([""] * count), labels([2025] * count),
        machines([hardware] * count),
    )  # fmt: skip
    (block,) = many.impacts_of_many(runs, lambda _zone, _hosting: rows)
    alone = [impacts_of(job, product(job, PUE), PUE, rows, 2025, hardware=hardware) for job in jobs]
    return block, alone


def assert_same(block, alone):
    for place, row in enumerate(block.rows):
        for key, impact in alone[row].items():
            for field in FIELDS:
                ours, theirs = getattr(block.impacts[key], field).at(place), getattr(impact, field)
                assert ours == theirs if isinstance(theirs, Missing) else difference(ours, theirs) <= 1e-12


def test_a_factor_that_is_mistaken_for_an_energy_is_found_out_and_the_runs_worked_out_one_by_one():
    """What the facility of the made-up run takes is, by an odd chance, what its land takes for each kWh."""
    twin = made_up._amount(0, 1, "envelope")
    rows = FR._replace(
        factors=tuple(
            row._replace(low=twin.low, central=twin.central, high=twin.high) if row.indicator == "land" else row
            for row in FR.factors
        )
    )
    assert made_up.of_using(made_up.Kinds("envelope", "envelope", False, True), rows, 2025, set()) is None
    assert_same(*of([JOB, exact(3.0), JOB], rows, SERVER))


def test_so_is_hardware_that_is_mistaken_for_hours():
    twin = made_up._amount(0, 100, "exact").central
    rows = Catalogue(
        "t", "0",
        tuple(
            row._replace(low=twin, central=twin, high=twin, kind="exact") if row.zone == "dram" else row
            for row in FR.factors
        ),
    )  # fmt: skip
    making = tuple(row for row in rows.factors if row.indicator == "embodied")
    using = tuple("envelope" for _ in many.made_up.INDICATORS)
    assert made_up.of_making(SERVER, using, making, set()) is None
    assert_same(*of([JOB, exact(3.0)], rows, SERVER))


def told(formula, inputs, output):
    total = output._replace(kind="lower_bound")
    derivation = Derivation(total, (Step("a step", formula, inputs, output, "L"),))
    return {"water": Impact("L", "direction", output, Missing("not counted"), total, derivation=derivation)}


@pytest.mark.parametrize("formula", ["kwh + factor", "kwh × other", "kwh × factor ÷ kwh", "kwh × factor + kwh", ""])
def test_a_formula_that_does_not_give_its_output_is_not_readable(formula):
    kwh, factor = Interval(1.5, 2.0, 3.0, "envelope"), Interval(4.0, 5.0, 7.0, "envelope")
    impacts = told(formula, {"kwh": kwh, "factor": factor}, product(kwh, factor))
    with pytest.raises(NotReadable):
        read(impacts, [kwh])


def test_an_amount_that_no_step_tells_of_is_not_taken_for_a_constant():
    """Litres that follow from the run in a way that is not in the derivation: another run tells."""
    first, second = Interval(1.5, 2.0, 3.0, "envelope"), Interval(1.25, 2.5, 3.5, "envelope")
    impacts, others = (told("L", {"L": product(kwh, kwh)}, product(kwh, kwh)) for kwh in (first, second))
    program = read(impacts, [first])
    check(program, impacts, [first])
    with pytest.raises(NotReadable):
        check(program, others, [second])


def test_more_runs_than_a_block_come_each_once_in_their_places():
    count = many.BLOCK + 1000
    central = np.linspace(1.0, 2.0, count)
    codes = np.zeros(count, np.int64)
    job = Amounts(central * 0.5, central, central * 2, Labels(codes, ("envelope",)))
    pue = Amounts(np.ones(count), np.ones(count), np.ones(count), Labels(codes, ("exact",)))
    held = Machines(Labels(codes, (None,)), np.zeros(count), np.zeros((count, 0)))
    place = Labels(codes, ("FR",)), Labels(codes, ("",)), Labels(codes, (2025,))
    blocks = list(many.impacts_of_many(Runs(job, pue, *place, held)))
    assert len(blocks) == 2
    assert sorted(row for block in blocks for row in block.rows) == list(range(count))
    land = np.concatenate([block.impacts["land"].total.central for block in blocks])
    rows = np.concatenate([block.rows for block in blocks])
    assert np.allclose(land / central[rows], land[0] / central[rows[0]], rtol=1e-12)


def test_no_runs_have_no_impacts():
    none = Labels(np.zeros(0, np.int64), ())
    empty = Amounts(np.zeros(0), np.zeros(0), np.zeros(0), none)
    held = Machines(none, np.zeros(0), np.zeros((0, 0)))
    assert list(many.impacts_of_many(Runs(empty, empty, none, none, none, held))) == []


def test_without_numpy_one_line_says_what_to_install():
    code = "import sys; sys.modules['numpy'] = None\ntry:\n import footprint.recompute.many\nexcept Exception as e: print(e)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "numpy is not installed" in done.stdout
    assert "pip install 'compute-footprint[pandas]'" in done.stdout
