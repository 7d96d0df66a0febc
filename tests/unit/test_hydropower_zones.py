"""Places whose electricity is all of hydropower: what the plants' water is, nobody can say but that of reservoirs."""

import pytest

from footprint import catalogue
from footprint.impacts import impacts_of
from footprint.impacts.water import NO_PLANTS
from footprint.interval import exact
from footprint.records.derivation import Missing


def impacts(pue):
    return impacts_of(exact(1.0), exact(pue), exact(pue), catalogue.load("PY"), 2026)


def test_water_that_is_all_of_reservoirs_is_missing_and_never_zero():
    """Without cooling on site there is no figure, and why."""
    water = impacts(1.0)["water"]
    assert water.total == Missing(NO_PLANTS)


def test_with_water_on_site_the_rest_is_at_least_that_and_the_plants_are_named_as_missing():
    water = impacts(1.5)["water"]
    assert water.parts["plants"] == Missing(NO_PLANTS)
    assert water.total.central == water.parts["on_site"].central > 0
    assert water.operational.kind == "lower_bound"
    assert water.parts["reservoirs"].central > water.total.central
    assert water.derivation.steps[-1].output == water.total


@pytest.mark.parametrize(("pue", "pathways"), [(1.0, {"land"}), (1.5, {"land", "water"})])
def test_species_are_counted_by_the_pathways_that_are_known(pue, pathways):
    species = impacts(pue)["biodiversity"]
    counted = {part for part in ("land", "water") if not isinstance(species.parts[part], Missing)}
    assert counted == pathways
    assert species.total.central == pytest.approx(sum(species.parts[part].central for part in counted))
    assert species.operational.kind == "lower_bound", "of the plants' water nothing is in it"
