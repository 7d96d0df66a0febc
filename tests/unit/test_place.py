"""Cloud, region and time zone, as far as the machine says them."""

import json

import pytest

from footprint.collectors.host import RealHost
from footprint.collectors.place import cloud, country_of_time_zone, time_zone


def host(folder, environ=(), **files):
    for name, text in files.items():
        path = (
            folder
            / {
                "cloud_init": "run/cloud-init/instance-data.json",
                "timezone": "etc/timezone",
                "zone": "usr/share/zoneinfo/zone.tab",
                "zone1970": "usr/share/zoneinfo/zone1970.tab",
            }[name]
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return RealHost(str(folder), dict(environ))


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"cloud_name": "aws", "region": "eu-west-3"}, ("aws", "eu-west-3")),
        ({"cloud_name": "gce", "region": "europe-west9"}, ("gcp", "europe-west9")),
        ({"cloud-name": "azure", "region": "francecentral"}, ("azure", "francecentral")),
        (
            {"cloud_name": "hetzner", "region": "eu-central", "availability_zone": "fsn1-dc14"},
            ("hetzner", "fsn1"),
        ),
        ({"cloud_name": "aws", "region": None}, None),
        ({"cloud_name": "nocloud", "region": "x"}, None),
    ],
)
def test_cloud_init_says_provider_and_region(tmp_path, told, place):
    assert cloud(host(tmp_path, cloud_init=json.dumps({"v1": told}))) == place


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"v1": 3}', "{}"])
def test_a_broken_file_of_cloud_init_is_no_place(tmp_path, text):
    assert cloud(host(tmp_path, cloud_init=text)) is None


def test_a_region_for_requests_is_not_where_the_machine_stands(tmp_path):
    assert cloud(host(tmp_path, {"AWS_REGION": "eu-west-1"})) is None
    inside = {"AWS_REGION": "eu-west-1", "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE"}
    assert cloud(host(tmp_path, inside)) == ("aws", "eu-west-1")


@pytest.mark.parametrize(
    ("environ", "file", "zone"),
    [
        ({"TZ": "Europe/Paris"}, "Asia/Tokyo", "Europe/Paris"),
        ({"TZ": ":/usr/share/zoneinfo/Europe/Oslo"}, "", "Europe/Oslo"),
        ({}, "Asia/Tokyo\n", "Asia/Tokyo"),
        ({"TZ": "CET-1CEST"}, "", None),
        ({}, "", None),
    ],
)
def test_the_time_zone_comes_from_the_setting_or_the_file(tmp_path, environ, file, zone):
    assert time_zone(host(tmp_path, environ, **({"timezone": file} if file else {}))) == zone


ZONES = "# comment\nFR\t+4852+00220\tEurope/Paris\nNO\t+5955+01045\tEurope/Oslo\n"
ZONES_1970 = "DE,DK,NO\t+5230+01322\tEurope/Berlin\tmost of Germany\nKE,ET\t-0117+03649\tAfrica/Nairobi\n"


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Europe/Paris", "FR"), ("Europe/Oslo", "NO"), ("Europe/Berlin", None), ("Etc/UTC", None), ("Europe", None)],
)
def test_a_time_zone_is_in_a_country_only_where_there_is_one(tmp_path, zone, country):
    assert country_of_time_zone(host(tmp_path, zone=ZONES, zone1970=ZONES_1970), zone) == country


def test_without_tables_no_country_is_guessed(tmp_path):
    assert country_of_time_zone(host(tmp_path), "Europe/Paris") is None
