"""The tables of the store. Everything in them is derived from journals: dropping them loses nothing."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table, Text

VERSION = "0004"
"""The migration that these tables are at."""
VERSIONS = ("0001", "0002", "0003", "0004")
"""All that this program can bring up to date, oldest first."""

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("started_at", String, nullable=False),
    Column("day", String, nullable=False),
    Column("duration_s", Float),
    Column("name", String),
    Column("project", String),
    Column("team", String),
    Column("status", String, nullable=False),
    Column("exit_code", Integer),
    Column("group_id", String),
    Column("parent", String),
    Column("continues", String),
    Column("zone", String, nullable=False),
    Column("zone_how", String, nullable=False),
    Column("host_id", String, nullable=False),
    Column("idle_policy", String, nullable=False),
    Column("sensor", String, nullable=False),
    Column("measured_share", Float),
    Column("job_kwh_low", Float),
    Column("job_kwh", Float),
    Column("job_kwh_high", Float),
    Column("job_kwh_kind", String, nullable=False),
    Column("raw_sha256", String, nullable=False),
    Column("segment", String),
    Column("segment_offset", Integer),
    Column("segment_length", Integer),
    Column("document", Text, nullable=False),
)
"""One row a run. ``sensor``: the classes of sensor it was measured by, joined by ``+``."""
Index("runs_by_start", runs.c.started_at)
Index("runs_by_project", runs.c.project, runs.c.started_at)
Index("runs_by_team", runs.c.team, runs.c.started_at)
Index("runs_by_status", runs.c.status, runs.c.started_at)
Index("runs_by_day", runs.c.day)
Index("runs_by_parent", runs.c.parent)
Index("runs_by_segment", runs.c.segment)

run_impacts = Table(
    "run_impacts",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("indicator", String, primary_key=True),
    Column("unit", String, nullable=False),
    Column("factor", String, nullable=False),
    Column("low", Float),
    Column("central", Float),
    Column("high", Float),
    Column("kind", String, nullable=False),
)
"""Totals by indicator. No number: it cannot be had, or nothing was measured."""
Index("impacts_by_indicator", run_impacts.c.indicator, run_impacts.c.central)

run_tags = Table(
    "run_tags",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)
Index("tags_by_value", run_tags.c.key, run_tags.c.value)

rollups = Table(
    "rollups",
    metadata,
    Column("day", String, primary_key=True),
    Column("project", String, primary_key=True),
    Column("team", String, primary_key=True),
    Column("zone", String, primary_key=True),
    Column("indicator", String, primary_key=True),
    Column("factor", String, primary_key=True),
    Column("sensor", String, primary_key=True),
    Column("idle_policy", String, primary_key=True),
    Column("status", String, primary_key=True),
    Column("runs", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("job_kwh_low", Float),
    Column("job_kwh", Float),
    Column("job_kwh_high", Float),
    Column("job_kwh_kind", String, nullable=False),
    Column("low", Float),
    Column("central", Float),
    Column("high", Float),
    Column("kind", String, nullable=False),
)
"""Sums of a day's runs whose parent is not in the store. One row's runs share their factor and class of sensor,
so that lows add to lows and highs to highs; ``job_kwh`` is an indicator too. ``unknown`` of the ``runs`` have no
number."""

estimates = Table(
    "estimates",
    metadata,
    Column("estimate_id", String, primary_key=True),
    Column("saved_at", String, nullable=False),
    Column("name", String),
    Column("project", String),
    Column("document", Text, nullable=False),
)
"""Saved estimates, whole. They stand apart from runs, so that no sum can have them."""

deleted = Table(
    "deleted",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("purged", Integer, nullable=False),
)
"""Runs and estimates that must never come back. ``purged``: what was kept of them elsewhere is gone too."""

segments = Table(
    "segments",
    metadata,
    Column("name", String, primary_key=True),
    Column("size", Integer, nullable=False),
)
"""How far each segment has been taken in, in bytes."""

seals = Table(
    "seals",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("readings", String, nullable=False),
    Column("document", String, nullable=False),
    Column("catalogue", String, nullable=False),
    Column("catalogue_sha256", String, nullable=False),
    Column("footprint", String, nullable=False),
    Column("wall", String, nullable=False),
)
"""What the chain of records last said of a run: so that intake need not read the chain. ``verify`` reads the chain."""

EVENTS_SIZE = "events_size"

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)
"""``events_size``: how far the events journal has been taken in, in bytes; ``chain_size`` and ``chain_head``: how far
the chain of records, and its hash there; ``chain_whole``: all runs of the store are in it."""

version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True, nullable=False))
"""Alembic's own table."""
