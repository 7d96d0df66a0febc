"""A user's file of factors, made by hand: rows that tests may change cell by cell."""

from footprint.own_file import COLUMNS

CARBON = {
    "zone": "FR", "indicator": "carbon_location", "part": "direct", "year": "2024", "low": "18", "central": "21.7",
    "high": "30", "kind": "envelope", "scope": "direct", "unit": "gCO2e", "per": "kWh", "source_title": "Mix of 2024",
    "source_publisher": "A supplier", "source_year": "2025", "source_licence": "for us alone",
}  # fmt: skip
WHOLE = CARBON | {"part": "total", "low": "30", "central": "35", "high": "50", "scope": "lifecycle"}
SCARCITY = CARBON | {
    "indicator": "water_scarcity", "part": "scarcity", "year": "2023", "low": "1", "central": "2.5", "high": "5",
    "scope": "non-agricultural", "unit": "m3 world-eq", "per": "m3", "source_title": "AWARE 2.0",
    "source_publisher": "WULCA", "source_year": "2023", "source_licence": "not stated",
}  # fmt: skip
RESIDUAL = CARBON | {"indicator": "carbon_market", "part": "residual", "central": "40", "high": "60"}
PLANTS = CARBON | {"indicator": "water", "part": "plants", "low": "0.5", "central": "1", "high": "2", "unit": "L"}


def text_of(*rows, columns=COLUMNS):
    """The rows as a file's text."""
    lines = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)]
    return "\n".join(lines) + "\n"
