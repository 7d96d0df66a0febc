"""Saved estimates. They are in the events journal, of which all is read again: an older version passed them over."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "estimates",
        sa.Column("estimate_id", sa.String(), nullable=False),
        sa.Column("saved_at", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("project", sa.String(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("estimate_id"),
    )
    op.execute("DELETE FROM meta WHERE key = 'events_size'")
