"""What the chain of records says of each run. It is read from its beginning, since nothing of it is known yet."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make its table."""
    op.create_table(
        "seals",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("readings", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("catalogue", sa.String(), nullable=False),
        sa.Column("catalogue_sha256", sa.String(), nullable=False),
        sa.Column("footprint", sa.String(), nullable=False),
        sa.Column("wall", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
