"""Region rules: an explicit one wins, a part falls to its country and says so, nothing is ever a silent default."""

import pytest

from footprint import catalogue, region
from footprint.errors import UsageError

TABLE = catalogue.zones()


@pytest.mark.parametrize(
    ("given", "zone"),
    [
        ("FR", "FR"),
        ("fr", "FR"),
        ("FRA", "FR"),
        ("France", "FR"),
        (" france ", "FR"),
        ("US-CA", "US-CA"),
        ("us-ca", "US-CA"),
        ("California", "US-CA"),
        ("Georgia", "GE"),
        ("US-CAMX", "US-CAMX"),
        ("us-nyup", "US-NYUP"),
        ("eGRID WECC California", "US-CAMX"),
        ("AQ", "AQ"),
        ("Tokelau", "TK"),
        ("UK", "GB"),
        ("USA", "US"),
        ("NA", "NA"),
        ("Namibia", "NA"),
        ("World", "WORLD"),
        ("aws:eu-west-3", "FR"),
        ("AWS:EU-WEST-3", "FR"),
        ("aws:us-west-1", "US-CA"),
        ("gcp:europe-west9", "FR"),
        ("azure:francecentral", "FR"),
        ("ovh:eu-west-gra", "FR"),
        ("scaleway:fr-par", "FR"),
        ("hetzner:fsn1", "DE"),
        ("oracle:eu-paris-1", "FR"),
        ("alibaba:cn-beijing", "CN-BJ"),
        ("ibm:eu-de", "DE"),
    ],
)
def test_a_region_stands_for_its_grid_zone_without_a_note(given, zone):
    found = region.resolve(given, "flag", TABLE)
    assert (found.zone, found.how, found.note) == (zone, "flag", "")


@pytest.mark.parametrize(("given", "key"), [("aws:eu-west-3a", "aws:eu-west-3"), ("gcp:us-east1-b", "gcp:us-east1")])
def test_an_availability_zone_is_its_regions(given, key):
    assert region.resolve(given, "flag", TABLE).given == key


@pytest.mark.parametrize("given", ["FR-ARA", "fr-ara", "US-XX", "DE-BY"])
def test_a_part_that_the_catalogue_lacks_falls_to_its_country_and_says_so(given):
    found = region.resolve(given, "flag", TABLE)
    assert found.zone == given[:2].upper()
    assert given.upper() in found.note
    assert TABLE.names[found.zone] in found.note


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("Frankreich", "FR (France)"),
        ("Deutschland", "DE (Germany)"),
        ("Germny", "DE (Germany)"),
        ("españa", "ES (Spain)"),
        ("eu-west-3", "aws:eu-west-3"),
        ("aws:eu-west-33", "aws:eu-west-3"),
        ("Califronia", "US-CA (California)"),
        ("CAMX", "US-CAMX (eGRID WECC California)"),
    ],
)
def test_a_near_miss_is_refused_and_the_nearest_is_named(given, near):
    with pytest.raises(UsageError) as refused:
        region.resolve(given, "flag", TABLE)
    assert near in str(refused.value)
    assert str(refused.value).startswith(f"region {given!r}")


@pytest.mark.parametrize("given", ["Atlantis", "Mordor", "", "EU", "FR-", "-", "FR-Atlantis", "nowhere:x", "aws:"])
def test_an_unknown_region_is_refused_in_one_line_that_names_it(given):
    with pytest.raises(UsageError) as refused:
        region.resolve(given, "flag", TABLE)
    line = str(refused.value)
    assert "region" in line
    assert given in line
    assert "\n" not in line
    assert refused.value.exit_code == 2


def test_three_near_places_are_named():
    with pytest.raises(UsageError) as refused:
        region.resolve("Atlantis", "flag", TABLE)
    assert refused.value.why.count("(") == 3


def test_the_cloud_is_believed_before_the_clock():
    found = region.guess(("aws", "eu-west-3"), "DE", TABLE)
    assert (found.zone, found.how, found.given, found.note) == ("FR", "cloud", "aws:eu-west-3", "")


def test_a_time_zone_is_labelled_a_guess():
    found = region.guess(None, "DE", TABLE)
    assert (found.zone, found.how) == ("DE", "timezone")
    assert "guess" in found.note


def test_a_cloud_region_that_is_not_known_is_said_and_the_clock_asked():
    found = region.guess(("aws", "moon-1"), "DE", TABLE)
    assert (found.zone, found.how) == ("DE", "timezone")
    assert "aws:moon-1" in found.note


@pytest.mark.parametrize("country", [None, "", "XX"])
def test_with_nothing_known_it_is_the_world_labelled_unknown(country):
    found = region.guess(None, country, TABLE)
    assert (found.zone, found.how) == ("WORLD", "unknown")
    assert found.note


def test_every_zone_and_cloud_region_resolves_to_rows_of_the_catalogue():
    zones = {row.zone for row in catalogue.rows(indicator="carbon_location")}
    for zone in TABLE.names:
        assert region.resolve(zone, "flag", TABLE).zone == zone
        assert zone in zones
    for given in TABLE.regions:
        assert region.resolve(given, "flag", TABLE).zone in zones
