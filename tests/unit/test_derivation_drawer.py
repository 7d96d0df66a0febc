"""What the drawer and the run's page say of next steps and of old factors, on a run in a home."""

import json

import pytest

pytest.importorskip("dash", reason="the dashboard's extra is not installed: pip install 'compute-footprint[dashboard]'")

from footprint import journal
from footprint.dashboard.components import derivation, run_cards
from footprint.dashboard.source import store_source
from tests import account_run


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A home that holds the hand-made run."""
    home = tmp_path_factory.mktemp("home")
    raw = account_run.run()
    log = journal.Journal(str(home), raw.head)
    for frame in raw.frames:
        log.frame(frame)
    log.close(raw.end)
    return store_source(str(home))


def words(components):
    """All text of some components, in its order."""
    return json.dumps([one.to_plotly_json() for one in components], default=lambda one: one.to_plotly_json())


def test_the_drawer_says_what_would_narrow_a_figure_and_which_factors_are_old(source):
    derived = source.derived(account_run.run().head.run_id, "primary_energy")
    assert derived.next_steps[0].startswith("What would narrow this most: read a meter at the plug")
    assert any(line.startswith("Over 18 months old at the start of the run: of 20") for line in derived.next_steps)
    shown = words(derivation.steps(derived))
    assert all(json.dumps(line)[1:-1] in shown for line in derived.next_steps)


def test_the_energys_own_drawer_has_no_next_steps(source):
    """They are told of impacts, whose ranges hold the energy's."""
    derived = source.derived(account_run.run().head.run_id, "job_kwh")
    assert derived.steps
    assert derived.next_steps == ()


def test_the_page_of_a_run_names_its_old_factors_in_one_line(source):
    document = source.document(account_run.run().head.run_id)
    old = document["provenance"]["aged"]
    shown = words(run_cards.factors(source.factors(document), document))
    assert shown.count("Over 18 months old at the start of the run") == 1
    assert f"Over 18 months old at the start of the run: {', '.join(old)}." in shown
    document["provenance"]["aged"] = []
    assert "18 months" not in words(run_cards.factors(source.factors(document), document))
