"""Targets without a store: what one may be, how it stands, and when nothing can be told."""

import math
import random

import pytest

from footprint import budget, targets
from footprint.errors import UsageError
from footprint.forecast import Use, forecast, forecasts
from footprint.impacts import INDICATORS
from footprint.interval import ZERO, Interval, exact, is_known, scaled
from footprint.silence import Heard, HostDays, coverage
from footprint.targets import Pinned, standing, target_of

PIN = Pinned("2026.11", "ab")
TOLD = {"limit": "100 kWh", "owner": "Mara", "reason": "decision 12"}
ALL_HEARD = Heard(1.0)


def target(**more):
    return target_of("t", TOLD | more, current=PIN)


def p90(central, by=0.1):
    return Interval(central * (1 - by), central, central * (1 + by), "p90")


FOUR = exact(4.0)


def steady(day=FOUR, *, days=20, left=10, **more):
    """The same use on each of ``days`` days of the period, today among them, and ``left`` days to come."""
    fields = {"earlier": (day,) * days, "before": scaled(day, days), "today": day, "days_left": left, "runs": days + 1}
    return Use(**fields | more)


LAST_DAY = Use((ZERO,), p90(84.0), ZERO, 0, 20)
"""No day is left, and today nothing runs: only the width of factors and sensors is unknown."""


# --- how it stands ---


@pytest.mark.parametrize(
    ("limit", "use", "heard", "status"),
    [
        # 21 days of 4 kWh are 84; with 10 more about 124
        ("400 kWh", steady(), ALL_HEARD, "on_track"),
        ("135 kWh", steady(), ALL_HEARD, "on_track"),
        ("119 kWh", steady(), ALL_HEARD, "likely_over"),
        ("95 kWh", steady(), ALL_HEARD, "over"),
        ("83 kWh", steady(), ALL_HEARD, "over"),
        ("85 kWh", steady(left=0), ALL_HEARD, "on_track"),
        # the factors' width alone decides where no day is left: 5 % and 95 % points are the ends
        ("84 kWh", LAST_DAY, ALL_HEARD, "on_track"),
        ("81 kWh", LAST_DAY, ALL_HEARD, "likely_over"),
        ("75 kWh", LAST_DAY, ALL_HEARD, "over"),
        # nothing can be told of what was not heard of, but what is over stays over
        ("400 kWh", steady(), Heard(0.5, ("h2",)), "cannot_tell"),
        ("119 kWh", steady(), Heard(0.5, ("h2",)), "cannot_tell"),
        ("83 kWh", steady(), Heard(0.5, ("h2",)), "over"),
        ("400 kWh", steady(unknown=3), ALL_HEARD, "cannot_tell"),
        ("400 kWh", steady(unknown=21), ALL_HEARD, "cannot_tell"),
        ("400 kWh", Use((), ZERO, ZERO, 10, 0), Heard(0.0), "cannot_tell"),
        ("400 kWh", steady(refused="they cannot be added"), ALL_HEARD, "cannot_tell"),
        ("83 kWh", steady(refused="they cannot be added"), ALL_HEARD, "cannot_tell"),
    ],
)
def test_statuses(limit, use, heard, status):
    found = standing(target(limit=limit), use, heard)
    assert found.status == status, found
    assert bool(found.why) == (status == "cannot_tell")
    assert math.isnan(found.p_over) == (status == "cannot_tell")
    assert is_known(found.forecast) == (status != "cannot_tell")


@pytest.mark.parametrize(
    ("p", "word"), [(0.95, "over"), (0.949, "likely_over"), (0.66, "likely_over"), (0.659, "on_track")]
)
def test_the_words_for_probabilities(p, word):
    assert targets.status_of(p) == word


def test_no_status_for_what_is_not_a_status_indicator():
    """Water rises or falls: its use is shown, a status is not, however far the limit is passed."""
    for limit in ("1 L", "1000 m3"):
        found = standing(target(limit=limit), steady(), ALL_HEARD)
        assert found.status == "cannot_tell"
        assert "direction" in found.why
        assert found.used.central == pytest.approx(84.0)
        assert is_known(found.forecast)
        assert math.isnan(found.p_over)


def test_runs_without_a_figure_make_the_use_a_lower_bound():
    assert standing(target(), steady(unknown=1), ALL_HEARD).used.kind == "lower_bound"


def test_the_reason_names_the_silent_hosts():
    found = standing(target(limit="900 kWh"), steady(), Heard(0.5, ("rack-2", "rack-3")))
    assert "rack-2, rack-3" in found.why
    assert found.coverage == 0.5


# --- which hosts are heard of ---


def host(name, *days, weight=1.0):
    return HostDays(name, weight, frozenset(days))


@pytest.mark.parametrize(
    ("hosts", "today", "expected", "silent"),
    [
        ([], 100, 0.0, ()),
        ([host("a", 100)], 100, 1.0, ()),
        ([host("a", 97)], 100, 1.0, ()),
        ([host("a", 96)], 100, 0.8, ("a",)),
        ([host("a", *range(80, 101))], 100, 1.0, ()),
        ([host("a", *range(80, 91))], 100, 0.0, ("a",)),
        ([host("a", *range(80, 96))], 100, 5 / 7, ("a",)),
        # it paused for six days before, and may again
        ([host("a", 82, 88, 94)], 100, 1.0, ()),
        ([host("a", 82, 88, 94)], 101, 6 / 7, ("a",)),
        # a pause longer than two weeks is silence, whatever was before
        ([host("a", 74, 90)], 106, 5 / 7, ("a",)),
        # heard of longer ago than the window: it is no host of these days
        ([host("a", *range(40, 60)), host("b", 100)], 100, 1.0, ()),
        # weighted by use
        ([host("a", *range(80, 101), weight=9.0), host("b", *range(80, 91), weight=1.0)], 100, 0.9, ("b",)),
        ([host("a", *range(80, 101), weight=1.0), host("b", *range(80, 91), weight=9.0)], 100, 0.1, ("b",)),
        ([host("a", *range(80, 101), weight=0.0), host("b", *range(80, 91), weight=0.0)], 100, 0.5, ("b",)),
        # machines that live for a day are watched together
        ([host(f"vm{day}", day) for day in range(80, 101, 2)], 100, 1.0, ()),
    ],
)
def test_coverage(hosts, today, expected, silent):
    heard = coverage(hosts, today)
    assert heard.coverage == pytest.approx(expected)
    assert heard.silent == silent


def test_what_is_to_come_says_nothing_of_today():
    """A day after ``today`` (a clock that was set back, or a look at the past) is not heard of yet."""
    assert coverage([host("a", 90, 91, 120)], 100) == coverage([host("a", 90, 91)], 100)


# --- where it goes ---


def test_the_forecast_starts_with_the_width_of_the_factors():
    found = forecast(Use((ZERO,), p90(80.0, 0.3), ZERO, 0, 20)).interval
    assert (found.low, found.central, found.high) == pytest.approx((56.0, 80.0, 104.0), rel=1e-6)


def test_the_width_of_the_factors_does_not_shrink_with_days():
    """One factor for all days: a relative error of 30 % stays one of at least 30 %."""
    use = steady(p90(4.0, 0.3), days=28, left=300)
    found = forecast(use).interval
    assert found.high / found.central >= 1.28
    assert found.low / found.central <= 0.72


def test_few_days_say_less_than_many():
    def width(days):
        found = forecast(steady(days=days, left=20)).interval
        return (found.high - found.low) / found.central

    assert width(2) > width(7) > width(28)


def test_a_few_days_make_no_interval_of_confidence():
    assert forecast(steady(days=13)).interval.kind == "scenario"
    assert forecast(steady(days=14)).interval.kind == "p90"
    assert forecast(steady(p90(4.0)._replace(kind="envelope"), days=14)).interval.kind == "envelope"


def test_the_curve_of_the_forecast_widens():
    found = forecasts(steady(p90(4.0)), (0, 3, 6, 10))
    widths = [one.interval.high - one.interval.low for one in found]
    assert widths == sorted(widths)
    assert found[-1].interval == forecast(steady(p90(4.0))).interval


def test_a_forecast_is_the_same_each_time_it_is_asked():
    assert forecast(steady(p90(4.0))).p_over(120.0) == forecast(steady(p90(4.0))).p_over(120.0)


@pytest.mark.parametrize("seen", [14, 28])
def test_nine_of_ten_periods_end_within_the_forecast(seen):
    """Days of a machine that is busy or idle, drawn independently; a part of today is over."""
    chance = random.Random(7)
    held, tried, left = 0, 250, 10
    for _ in range(tried):
        days = [chance.expovariate(1.0) if chance.random() < 0.7 else 0.0 for _ in range(seen + 1 + left)]
        past, so_far = days[:seen], days[seen] * chance.random()
        use = Use(tuple(map(exact, past)), exact(math.fsum(past)), exact(so_far), left, seen)
        found = forecast(use).interval
        held += found.low <= math.fsum(days) <= found.high
    assert held / tried >= 0.85, held / tried


# --- what one may be ---


def test_a_target_is_what_was_written():
    found = target_of(
        "v",
        {"limit": "50 kgCO2e", "project": "vision", "period": "quarter", "owner": "Mara", "reason": "r"},
        current=PIN,
    )
    assert found.indicator == "carbon_location"
    assert found.limit == 50_000.0
    assert str(found.scope) == "project vision"
    assert (found.period, found.catalogue, found.unit, found.kind) == ("quarter", PIN, "gCO2e", "status")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"limit": "-5 kWh"}, "above 0"),
        ({"limit": "nan kWh"}, "above 0"),
        ({"limit": "inf kWh"}, "above 0"),
        ({"limit": "0 kWh"}, "above 0"),
        ({"limit": "1e999 kWh"}, "above 0"),
        ({"limit": "5 kgCO3e"}, "nearest is kgCO2e"),
        ({"limit": "5"}, "a number and a unit"),
        ({"limit": 5}, "quotation marks"),
        ({"limit": None}, "it has no limit"),
        ({"limit": "5 L", "indicator": "carbon_location"}, "L is a unit of water"),
        ({"indicator": "carbon_locaton"}, "nearest is carbon_location"),
        ({"indicator": "biodiversity"}, "inventory"),
        ({"indicator": "ewaste"}, "inventory"),
        ({"indicator": "carbon_market"}, "claim"),
        ({"period": "0"}, "there is no period '0'"),
        ({"period": "monht"}, "nearest is month"),
        ({"period": "0 days"}, "there is no period"),
        ({"owner": ""}, "it has no owner"),
        ({"owner": "  "}, "it has no owner"),
        ({"owner": None}, "it has no owner"),
        ({"reason": ""}, "it has no reason"),
        ({"reason": "a\nb"}, "cannot be printed"),
        ({"project": "a", "team": "b"}, "a project and a team"),
        ({"limmit": "5 kWh"}, "nearest is limit"),
        ({"projct": "vision"}, "nearest is project"),
    ],
)
def test_what_cannot_be_a_target_is_refused_with_its_reason(told, said):
    with pytest.raises(UsageError, match="target 't'") as caught:
        target(**told)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 81])
def test_a_name_can_be_printed(name):
    with pytest.raises(UsageError, match="1 to 80 printable"):
        target_of(name, TOLD, current=PIN)


def test_every_indicator_that_exists_has_a_unit_or_can_have_no_target():
    """Whoever adds an indicator adds the units in which people write limits of it."""
    lacking = [
        key for key, one in INDICATORS.items() if one.kind in {"status", "direction"} and key not in budget.UNITS
    ]
    assert lacking == []
    for key in targets.allowed():
        unit = target(limit=f"1 {next(iter(budget.UNITS[key]))}", indicator=key)
        assert unit.indicator == key


def test_a_milliwatt_hour_is_no_megawatt_hour():
    assert target(limit="5 mWh").limit == pytest.approx(5e-6)
    assert target(limit="5 MWh").limit == pytest.approx(5e3)
    assert target(limit="5 KWH").limit == pytest.approx(5.0)
    assert target(limit="50.0 kg CO2e").limit == pytest.approx(50e3)
