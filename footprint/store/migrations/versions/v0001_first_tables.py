"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "deleted",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("purged", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "rollups",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("factor", sa.String(), nullable=False),
        sa.Column("sensor", sa.String(), nullable=False),
        sa.Column("idle_policy", sa.String(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("job_kwh_low", sa.Float(), nullable=True),
        sa.Column("job_kwh", sa.Float(), nullable=True),
        sa.Column("job_kwh_high", sa.Float(), nullable=True),
        sa.Column("job_kwh_kind", sa.String(), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("central", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day", "project", "team", "zone", "indicator", "factor", "sensor", "idle_policy"),
    )
    op.create_table(
        "run_impacts",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("factor", sa.String(), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("central", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "indicator"),
    )
    op.create_index("impacts_by_indicator", "run_impacts", ["indicator", "central"], unique=False)
    op.create_table(
        "run_tags",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "key"),
    )
    op.create_index("tags_by_value", "run_tags", ["key", "value"], unique=False)
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("started_at", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("project", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.String(), nullable=True),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("continues", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("zone_how", sa.String(), nullable=False),
        sa.Column("host_id", sa.String(), nullable=False),
        sa.Column("idle_policy", sa.String(), nullable=False),
        sa.Column("sensor", sa.String(), nullable=False),
        sa.Column("measured_share", sa.Float(), nullable=True),
        sa.Column("job_kwh_low", sa.Float(), nullable=True),
        sa.Column("job_kwh", sa.Float(), nullable=True),
        sa.Column("job_kwh_high", sa.Float(), nullable=True),
        sa.Column("job_kwh_kind", sa.String(), nullable=False),
        sa.Column("raw_sha256", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=True),
        sa.Column("segment_offset", sa.Integer(), nullable=True),
        sa.Column("segment_length", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index("runs_by_day", "runs", ["day"], unique=False)
    op.create_index("runs_by_parent", "runs", ["parent"], unique=False)
    op.create_index("runs_by_project", "runs", ["project", "started_at"], unique=False)
    op.create_index("runs_by_segment", "runs", ["segment"], unique=False)
    op.create_index("runs_by_start", "runs", ["started_at"], unique=False)
    op.create_index("runs_by_status", "runs", ["status", "started_at"], unique=False)
    op.create_index("runs_by_team", "runs", ["team", "started_at"], unique=False)
    op.create_table(
        "segments",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
