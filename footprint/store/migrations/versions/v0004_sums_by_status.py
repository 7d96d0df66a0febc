"""Sums by status too. Their table is empty after this: whoever migrates makes all sums anew."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEYS = ("day", "project", "team", "zone", "indicator", "factor", "sensor", "idle_policy", "status")


def upgrade() -> None:
    """Make their table anew: SQLite cannot change a key."""
    op.drop_table("rollups")
    op.create_table(
        "rollups",
        *(sa.Column(name, sa.String(), nullable=False) for name in _KEYS),
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
        sa.PrimaryKeyConstraint(*_KEYS),
    )
