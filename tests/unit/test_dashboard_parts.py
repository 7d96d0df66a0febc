"""What the pages say, without a browser: amounts, grades, selections, and the words of a run."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("dash", reason="the dashboard's extra is not installed: pip install 'compute-footprint[dashboard]'")

from footprint.dashboard import security
from footprint.dashboard.components import amounts, grade
from footprint.dashboard.components.document import interval, measured_share, why_missing
from footprint.dashboard.components.status import state
from footprint.dashboard.memory import Memory
from footprint.dashboard.selection import PERIODS, SHOWN, SORTABLE, STATES, Order, Selection, order, parse, query
from footprint.errors import NotPossible
from footprint.impacts import INDICATORS
from footprint.interval import UNKNOWN, Interval, exact

S = amounts.SPACE


@pytest.mark.parametrize(
    ("value", "main", "below"),
    [
        (Interval(0.0115, 0.0124, 0.0133, "p90"), f"12.4{S}Wh", f"±7{S}%"),
        (Interval(0.01, 0.0124, 0.02, "envelope"), f"12.4{S}Wh", f"−19/+61{S}%"),
        (Interval(0.01, 0.0124, 0.02, "lower_bound"), f"12.4{S}Wh", f"at least 10.0{S}Wh"),
        (exact(2.0), f"2.00{S}kWh", ""),
        (exact(0.0), f"0{S}kWh", ""),
        (UNKNOWN, "–", ""),
        (None, "–", ""),
    ],
)
def test_amount_with_what_stands_under_it(value: Interval | None, main: str, below: str) -> None:
    """What is not known is a dash, never 0; a lower bound says "at least"."""
    assert amounts.counted(value, "kWh") == main
    assert amounts.below(value, "kWh") == below


def test_the_whole_of_an_amount_names_its_kind() -> None:
    """Range and kind stand beside the number."""
    value = Interval(0.0115, 0.0124, 0.0133, "p90")
    assert amounts.whole(value, "kWh") == f"12.4{S}Wh (11.5–13.3{S}Wh, 90 % interval)"
    least = amounts.whole(value._replace(kind="lower_bound"), "kWh")
    assert least == f"at least 11.5{S}Wh (12.4{S}Wh counted, something is known to be missing)"


def test_land_of_a_short_run_is_read_by_the_day() -> None:
    """And a lower bound in the unit of the amount that it stands under."""
    assert amounts.whole(exact(2.16e-7), "m2.yr") == f"78.8{S}mm2.day (exact)"
    assert amounts.below(Interval(0.5, 2.0, 3.0, "lower_bound"), "m2.yr") == f"at least 0.500{S}m2.yr"


def test_grades_follow_what_was_measured_and_what_is_known_of_the_place() -> None:
    """A needs measured energy, B a region that somebody gave, D is a guess."""
    assert [found.letter for share in (1.0, 0.9, 0.89, 0.0) if (found := grade.of_energy(share))] == [
        "A",
        "A",
        "C",
        "C",
    ]
    told = [
        grade.of_impact(share, how)
        for share, how in ((1.0, "flag"), (0.2, "flag"), (1.0, "timezone"), (1.0, "unknown"))
    ]
    assert [found.letter for found in told if found] == ["B", "C", "D", "D"]
    assert grade.of_energy(None) is None
    assert grade.of_impact(None, "flag") is None


selections = st.builds(
    Selection,
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=50).map(str.strip),
    project=st.text(st.characters(exclude_categories=["Cs"]), max_size=50).map(str.strip),
    status=st.sampled_from(["", *STATES]),
    days=st.sampled_from(PERIODS),
    show=st.sampled_from(SHOWN),
)


@given(selections)
def test_the_address_holds_the_whole_selection(selection: Selection) -> None:
    """A link to what is seen shows the same."""
    assert parse(query(selection)) == selection


@given(st.text())
def test_any_address_gives_a_selection(search: str) -> None:
    """Whatever stands in the address bar, only choices of the list come out of it."""
    found = parse(search)
    assert found.status in ("", *STATES)
    assert found.days in PERIODS


@pytest.mark.parametrize(
    "asked",
    [None, [], "energy", [{"colId": "document; DROP TABLE runs", "sort": "desc"}], [{"colId": None}], ["energy"], [{}]],
)
def test_only_columns_of_the_list_sort(asked: object) -> None:
    """What a browser sends is never taken for a column's name."""
    assert order(asked) == Order()


@pytest.mark.parametrize("column", SORTABLE)
def test_columns_of_the_list_sort(column: str) -> None:
    assert order([{"colId": column, "sort": "asc"}]) == Order(column, descending=False)


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8050", True),
        ("localhost:8050", True),
        ("localhost", True),
        ("evil.example:8050", False),
        ("127.0.0.1.evil.example:8050", False),
        ("localhost.evil.example", False),
        ("evil.example:127.0.0.1", False),
        ("", False),
    ],
)
def test_only_names_of_this_machine_are_answered(host: str, *, ours: bool) -> None:
    """A stranger's name that was pointed at this machine gets nothing (DNS rebinding)."""
    assert security.is_ours(host) is ours


def test_scripts_run_from_here_or_by_hash_alone() -> None:
    """The policy admits no foreign, inline or evaluated script."""
    rules = dict(rule.split(" ", 1) for rule in security.policy(["'sha256-abc'"]).split("; "))
    assert rules["default-src"] == "'self'"
    assert rules["script-src"] == "'self' 'sha256-abc'"
    assert "unsafe-eval" not in str(rules)
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["object-src"] == "'none'"


def test_a_fault_shows_the_last_good_answer_with_its_time() -> None:
    """Old figures with their time are better than none, and are never shown as new ones."""
    now = [100.0]
    memory = Memory(clock=lambda: now[0])
    answers: list[int | NotPossible] = [7, NotPossible("the store cannot be read", "it is locked", "try again")]

    def question() -> int:
        answer = answers.pop(0)
        if isinstance(answer, NotPossible):
            raise answer
        return answer

    assert memory.ask("runs", question) == (7, 100.0, "")
    now[0] = 160.0
    assert memory.ask("runs", question) == (7, 100.0, "the store cannot be read: it is locked; try again")


def test_memory_stays_small() -> None:
    """Only the newest answers are kept."""
    memory = Memory(most=3)
    for number in range(10):
        memory.ask(number, lambda number=number: number)  # type: ignore[misc]
    assert len(memory._last) == 3


def test_missing_parts_say_why() -> None:
    """No amount without a number, no dash without a reason."""
    assert interval({"missing": "no factor"}) is None
    assert interval({"low": None, "central": None, "high": None, "kind": "lower_bound"}) is None
    assert interval({"low": 1, "central": 2, "high": 3, "kind": "p90"}) == Interval(1.0, 2.0, 3.0, "p90")
    assert why_missing({"missing": "no factor"}) == "no factor"
    assert why_missing(None) == "not computed"


def test_share_that_was_measured() -> None:
    """Weighted by energy; None, not 0, where there is no energy."""

    def part(quality: str, energy_j: float | None) -> dict[str, object]:
        return {"quality": quality, "job_j": {"low": energy_j, "central": energy_j, "high": energy_j, "kind": "exact"}}

    assert measured_share({"energy": {"components": [part("measured", 3.0), part("modelled", 1.0)]}}) == 0.75
    assert measured_share({"energy": {"components": [part("measured", None)]}}) is None
    assert measured_share({"energy": {"components": []}}) is None


def test_a_failed_job_is_not_shown_as_fine() -> None:
    """Completed with an exit code other than 0 is another sign, word and colour."""
    assert state("completed", 0).level == "fine"
    assert state("completed", 3) == ("✕", "Exit 3", "over")
    assert state("crashed").word == "Crashed"


def test_no_line_breaks_a_number_at_its_sign() -> None:
    assert amounts.digits(1.02e-16) == "1.02e\N{NON-BREAKING HYPHEN}16"


def test_digits_of_what_is_no_number() -> None:
    assert amounts.digits(math.nan) == "–"
    assert amounts.duration(None) == "–"


def test_no_page_names_an_indicator() -> None:
    """A new indicator is one file in ``footprint/impacts``: its tile, chart, column and drawer come by themselves."""
    for path in (Path(__file__).parents[2] / "dashboard").rglob("*.[pj][ys]"):
        text = path.read_text(encoding="utf-8")
        assert [key for key in INDICATORS if f'"{key}"' in text] == [], path
