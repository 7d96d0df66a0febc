"""One page a file. Add yours to ``PAGES``."""

from footprint.dashboard.pages import run, runs, targets

PAGES = (runs.PAGE, targets.PAGE, run.PAGE)
"""In the order of the navigation."""
