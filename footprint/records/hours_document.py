"""The hours of a run as the document ``footprint.hours/1``: what ``show RUN --by hour --json`` prints."""

from collections.abc import Iterable

from footprint.interval import rounded
from footprint.records.document import Document, interval_document, unit_document
from footprint.records.result import Hour

SCHEMA = "footprint.hours/1"


def as_document(run_id: str, hours: Iterable[Hour]) -> Document:
    """The hours as plain dicts, lists, strings and numbers."""
    return {"schema": SCHEMA, "run_id": run_id, "hours": [_hour(hour) for hour in hours]}


def _hour(hour: Hour) -> Document:
    return {
        "begins_at": hour.begins_at,
        "from_s": rounded(hour.from_s),
        "to_s": rounded(hour.to_s),
        "job_kwh": interval_document(hour.job_kwh),
        "idle_kwh": interval_document(hour.idle_kwh),
        "impacts": {key: interval_document(total) for key, total in hour.impacts.items()},
        "units": {name: unit_document(unit) for name, unit in hour.units.items()},
        "readings": hour.readings,
    }
