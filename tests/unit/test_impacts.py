"""Impacts of an energy, worked out by hand on small catalogues."""

import math

import pytest

from footprint import catalogue
from footprint.factors import Catalogue, Factor
from footprint.impacts import INDICATORS, impacts_of
from footprint.impacts.facility import pue_of
from footprint.interval import UNKNOWN, Interval, exact, product
from footprint.records.derivation import Missing


def row(indicator, part, low, central, high, *, per="kWh", unit="gCO2e", year=2024):
    name = f"{indicator}/{part}/XX/{year}"
    return Factor(name, indicator, part, "XX", per, low, central, high, "envelope", "", unit, year, "published", ("s",))


DIRECT = row("carbon_location", "direct", 80, 100, 120)
UPSTREAM = row("carbon_location", "upstream", 5, 10, 30)
LOSSES = row("carbon_location", "grid_losses", 1, 2, 4)
PLANTS = row("water", "plants", 0.5, 1, 2, unit="L")
RESERVOIRS = row("water", "reservoirs", 0, 50, 500, unit="L")
ON_SITE = row("water", "on_site", 0, 0.4, 2, per="kWh-it", unit="L")
WHOLE = Catalogue("t", "0", (DIRECT, UPSTREAM, LOSSES, PLANTS, RESERVOIRS, ON_SITE))
JOB = exact(2.0)
PUE = Interval(1.0, 1.5, 2.0, "envelope")


def of(known, job=JOB, pue=PUE, year=2026):
    return impacts_of(job, product(job, pue), pue, known, year)


def without(*rows):
    return WHOLE._replace(factors=tuple(one for one in WHOLE.factors if one not in rows))


def test_carbon_is_energy_times_pue_times_the_factors():
    carbon = of(WHOLE)["carbon_location"]
    assert carbon.parts["direct"] == Interval(160, 300, 480, "envelope")
    assert carbon.parts["upstream"] == Interval(10, 30, 120, "envelope")
    assert carbon.parts["grid_losses"] == Interval(2, 6, 16, "envelope")
    assert carbon.operational == Interval(172, 336, 616, "envelope")
    assert (carbon.unit, carbon.kind) == ("gCO2e", "status")


def test_what_cannot_be_had_is_said_and_makes_the_total_a_lower_bound():
    """The making of the hardware is not counted: no zero stands for it."""
    carbon = of(WHOLE)["carbon_location"]
    assert isinstance(carbon.embodied, Missing)
    assert carbon.embodied.missing
    assert carbon.total == carbon.operational._replace(kind="lower_bound")


def test_a_grid_without_a_figure_for_its_losses_makes_the_operational_sum_a_lower_bound():
    carbon = of(without(LOSSES))["carbon_location"]
    assert isinstance(carbon.parts["grid_losses"], Missing)
    assert carbon.operational == Interval(170, 330, 600, "lower_bound")


def test_water_on_site_goes_by_the_machines_own_energy_and_plants_by_the_facilitys():
    water = of(WHOLE)["water"]
    assert water.parts["plants"].central == pytest.approx(3.0)
    assert water.parts["on_site"].central == pytest.approx(0.8)
    assert water.total.central == pytest.approx(3.8)


def test_the_evaporation_of_reservoirs_is_a_line_of_its_own_outside_the_sum():
    with_it, alone = of(WHOLE)["water"], of(without(RESERVOIRS))["water"]
    assert with_it.parts["reservoirs"].central == pytest.approx(150)
    assert with_it.total == alone.total
    assert "reservoirs" not in alone.parts


def test_a_machine_in_no_data_centre_needs_no_water_on_site():
    """A PUE of exactly 1: exactly nothing, not missing."""
    water = of(without(ON_SITE), pue=exact(1.0))["water"]
    assert water.parts["on_site"] == exact(0.0)
    assert water.operational == Interval(1.0, 2.0, 4.0, "envelope")


def test_without_a_figure_for_cooling_water_it_is_missing_and_never_zero():
    water = of(without(ON_SITE))["water"]
    assert isinstance(water.parts["on_site"], Missing)
    assert water.operational.kind == "lower_bound"


def test_a_zone_without_figures_gives_no_figure_and_why():
    for impact in of(Catalogue("t", "0", ())).values():
        assert isinstance(impact.total, Missing)
        assert "catalogue" in impact.total.missing
        assert impact.factors == ()


def test_nothing_measured_gives_nan_and_keeps_its_shape():
    impacts = of(WHOLE, job=UNKNOWN)
    for key in {row.indicator for row in WHOLE.factors} & set(impacts):
        assert math.isnan(impacts[key].total.central), key
        assert impacts[key].unit == INDICATORS[key].unit


def test_the_factor_of_the_runs_year_is_taken_or_the_nearest_before_it():
    known = WHOLE._replace(factors=(*WHOLE.factors, DIRECT._replace(id="old", year=2019, low=1, central=1, high=1)))
    assert of(known, year=2026)["carbon_location"].parts["direct"].central == 300
    assert of(known, year=2020)["carbon_location"].parts["direct"].central == 3
    assert of(known, year=2001)["carbon_location"].parts["direct"].central == 3
    assert of(known, year=None)["carbon_location"].parts["direct"].central == 300


def test_shares_of_the_spread_are_half_widths_times_what_they_are_multiplied_by():
    carbon = of(WHOLE)["carbon_location"]
    widths = {"pue": 0.5 * 2 * 112, "direct": 20 * 3, "upstream": 12.5 * 3, "grid_losses": 1.5 * 3}
    whole = sum(widths.values())
    assert dict(carbon.derivation.spread) == pytest.approx({name: width / whole for name, width in widths.items()})
    assert [name for name, _ in carbon.derivation.spread] == sorted(widths, key=widths.get, reverse=True)


def test_a_users_own_pue_is_exact():
    assert pue_of(1.2, False, catalogue.load("FR")) == (exact(1.2), None)


def test_a_machine_with_a_battery_has_a_pue_of_1():
    assert pue_of(None, True, catalogue.load("FR", "aws:eu-west-3")) == (exact(1.0), None)


def test_a_cloud_regions_pue_is_its_own_and_that_of_an_unknown_host_spans_a_desk_and_an_old_room():
    cloud, factor = pue_of(None, False, catalogue.load("US-CA", "aws:us-west-1"))
    assert factor == "pue/facility/aws:us-west-1/2024"
    unknown, factor = pue_of(None, False, catalogue.load("FR"))
    assert factor == "pue/facility/unknown-hosting/2023"
    assert unknown.low == 1.0
    assert unknown.high > cloud.high


def test_the_same_job_has_more_carbon_in_germany_than_in_france():
    here = [of(catalogue.load(zone))["carbon_location"].total.central for zone in ("NO", "FR", "DE", "PL")]
    assert here == sorted(here)
    assert here[3] > 4 * here[1]
