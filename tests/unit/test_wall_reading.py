"""What a person may type as the reading of a meter, and what it means."""

import pytest

from footprint import journal_form
from footprint.errors import UsageError
from footprint.records.raw import HostInfo, RegionRef, RunHead, Settings, WallReading
from footprint.records.wall_reading import between, last_digit, parse

HEAD = RunHead("01J", 0.0, HostInfo("h", "Linux", "CPU", 4), RegionRef("FR", "flag"), Settings())


@pytest.mark.parametrize(
    ("text", "low", "central", "high", "error"),
    [
        ("0.41", 0.40, 0.41, 0.42, "unstated"),
        ("0.4", 0.3, 0.4, 0.5, "unstated"),
        ("2", 1, 2, 3, "unstated"),
        ("0.40:0.41:0.43", 0.40, 0.41, 0.43, "stated"),
        ("0.41±0.01", 0.40, 0.41, 0.42, "stated"),
        ("0.50 +- 2 %", 0.49, 0.50, 0.51, "stated"),
        ("1.2e-3", 1.1e-3, 1.2e-3, 1.3e-3, "unstated"),
        (0.41, 0.41, 0.41, 0.41, "unstated"),
        (2, 2, 2, 2, "unstated"),
    ],
)
def test_a_reading_with_its_range_or_its_last_digit(text, low, central, high, error):
    reading = parse(text)
    assert reading[:3] == pytest.approx((low, central, high))
    assert reading.error == error
    assert reading.said


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "nan", "inf", "1e99", "a lot", "1:2", "3:2:1", "1:2:3:4", "1±2", "1±x", "1±-1", "0.4 kWh", "±", True,
     "9" * 500, "0.4\n5"],
)  # fmt: skip
def test_what_is_no_energy_above_0_is_refused_in_one_line(text):
    with pytest.raises(UsageError) as caught:
        parse(text, "--wall-kwh")
    assert str(caught.value).startswith("--wall-kwh")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_two_displays_give_what_lies_between_them_good_to_their_last_digit():
    assert between("1203.41", "1203.82")[:3] == pytest.approx((0.40, 0.41, 0.42))
    assert between("0", "0.5").said == "0 to 0.5"


@pytest.mark.parametrize(("before", "after"), [("2", "1"), ("1", "1"), ("-1", "1"), ("x", "1"), ("1", "")])
def test_a_meter_that_has_not_counted_on_is_refused(before, after):
    with pytest.raises(UsageError):
        between(before, after)


@pytest.mark.parametrize(("text", "step"), [("0.41", 0.01), ("12", 1), ("1.2e-2", 1e-3), ("x" * 9, 1), ("1e99999", 0)])
def test_the_last_digit_is_the_resolution(text, step):
    assert last_digit(text) == pytest.approx(step)


def test_a_head_keeps_the_reading_and_an_older_one_has_none():
    head = HEAD._replace(wall=WallReading(0.4, 0.41, 0.42, "stated", "0.41±0.01", "2026-11-25T10:00:00Z"))
    content = journal_form.plain(head)
    assert journal_form.head_from(content) == head
    del content["wall"]
    assert journal_form.head_from(content).wall is None
