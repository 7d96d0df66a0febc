"""Where this machine stands, as far as it says so without any network: its cloud and region, its time zone."""

from __future__ import annotations

from footprint.collectors.host import Host

_CLOUD_INIT = "/run/cloud-init/instance-data.json"
_ZONEINFO = "/usr/share/zoneinfo/"
_PROVIDERS = {
    # cloud-init's names, and what the catalogue calls them
    "aws": "aws", "gce": "gcp", "gcp": "gcp", "azure": "azure", "aliyun": "alibaba", "oracle": "oracle",
    "hetzner": "hetzner", "scaleway": "scaleway", "ovh": "ovh", "ibmcloud": "ibm",
}  # fmt: skip


def cloud(host: Host) -> tuple[str, str] | None:
    """(provider, region), such as ``("aws", "eu-west-3")``; None where the machine does not say both.

    From what cloud-init left at boot, else from what AWS's own runtimes (Lambda, ECS) put into the environment.
    ``AWS_REGION`` alone says where somebody's requests go, not where this machine stands.
    """
    found = _of_cloud_init(host)
    if found is not None:
        return found
    region = host.environ.get("AWS_REGION", "")
    return ("aws", region) if region and host.environ.get("AWS_EXECUTION_ENV") else None


def _of_cloud_init(host: Host) -> tuple[str, str] | None:
    try:
        text = host.read_text(_CLOUD_INIT)
    except OSError:
        return None
    import json

    try:
        told = json.loads(text)["v1"]
        provider = _PROVIDERS.get(str(told.get("cloud_name") or told.get("cloud-name")).lower())
        region = told.get("region")
        zone = told.get("availability_zone") or told.get("availability-zone")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if provider == "hetzner" and isinstance(zone, str):
        region = zone.partition("-")[0]  # fsn1-dc14 stands in fsn1; the region is a group of places there
    return (provider, region) if provider and isinstance(region, str) and region else None


def time_zone(host: Host) -> str | None:
    """The time zone's name, such as ``Europe/Paris``, where a setting or a file says it."""
    name = host.environ.get("TZ", "").lstrip(":").removeprefix(_ZONEINFO)
    if not name:
        try:
            name = host.read_text("/etc/timezone")
        except OSError:
            return None
    return name if "/" in name and not name.startswith("/") else None


def country_of_time_zone(host: Host, zone: str) -> str | None:
    """The two-letter code of the one country that uses a time zone; None where there are several or none is known."""
    for table in ("zone.tab", "zone1970.tab"):
        try:
            text = host.read_text(_ZONEINFO + table)
        except OSError:
            continue
        countries = set()
        for line in text.splitlines():
            fields = line.split("\t")
            if len(fields) >= 3 and fields[2] == zone and not line.startswith("#"):
                countries.update(fields[0].split(","))
        if countries:
            return countries.pop() if len(countries) == 1 else None
    return None
