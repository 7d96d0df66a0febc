"""Land: what a kWh of a place's mix occupies."""

import pytest

from footprint import catalogue
from footprint.impacts import INDICATORS, impacts_of
from footprint.interval import exact
from footprint.records.derivation import Missing


def land(zone, kwh=1.0):
    return impacts_of(exact(kwh), exact(kwh), exact(1.0), catalogue.load(zone), 2026)["land"]


def test_a_kwh_of_nuclear_and_hydro_occupies_less_than_one_of_coal():
    assert land("FR").operational.central < land("PL").operational.central


def test_a_mix_is_its_shares_times_the_factors():
    """Poland by hand: shares of 2022 times the medians of Lovering et al. 2022."""
    row = next(row for row in catalogue.rows("PL", "land"))
    assert 0.005 < row.central < 0.02
    assert row.low < row.central < row.high


def test_every_zone_with_carbon_has_land():
    zones = {row.zone for row in catalogue.rows(None, "carbon_location")}
    assert {row.zone for row in catalogue.rows(None, "land")} == zones


def test_more_energy_is_as_much_more_land():
    assert land("DE", 2.0).operational.central == pytest.approx(2 * land("DE").operational.central)


def test_the_making_of_hardware_is_missing_and_said_so():
    impact = land("DE")
    assert isinstance(impact.embodied, Missing)
    assert impact.total.kind == "lower_bound"
    assert impact.derivation.steps[-1].output == impact.total


def test_a_zone_without_a_figure_is_no_zero():
    rows = catalogue.load("DE")
    without = rows._replace(factors=tuple(row for row in rows.factors if row.indicator != "land"))
    impact = impacts_of(exact(1.0), exact(1.0), exact(1.0), without, 2026)["land"]
    assert isinstance(impact.total, Missing)


def test_it_is_a_direction_and_can_be_neither_on_nor_off_track():
    assert (INDICATORS["land"].kind, INDICATORS["land"].unit) == ("direction", "m2.yr")
