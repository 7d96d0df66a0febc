"""What ``footprint wall`` says when a reading was taken or withdrawn."""

from __future__ import annotations

from footprint.records.document import Document, interval_from
from footprint.wording import interval_text


def stated(before: Document, after: Document, *, plain: bool) -> str:
    """The run's energy as it was and as it is."""
    was, now = (interval_text(interval_from(one["energy"]["job_kwh"]), "kWh", spoken=plain) for one in (before, after))
    if plain:
        return f"Run: {after['run_id']}\nEnergy of this job at the wall: {now}\nEnergy before this reading: {was}"
    return f"{after['run_id']}: energy of this job at the wall is {now}; it was {was}"
