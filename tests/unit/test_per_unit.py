"""What people read: a figure for one unit never stands without its total."""

import re

import pytest

from footprint import catalogue, summary
from footprint.account import account
from footprint.cli import show_text
from footprint.compare import text as compare_text
from footprint.compare.comparing import compare
from footprint.compare.energies import gains_of
from footprint.html import html_of
from footprint.interval import is_known
from footprint.records.derivation import Missing
from footprint.wording import amount
from tests import account_run

KNOWN = catalogue.load("FR", cpu=account_run.run().head.host.cpu)


def run(images=7.0, run_id=None):
    raw = account_run.run()
    head = raw.head if run_id is None else raw.head._replace(run_id=run_id)
    return raw._replace(head=head, end=raw.end._replace(units={"images": images}))


RUN = account(run(), KNOWN)


def compared(plain):
    raws = [run(), run(11.0, "01M80000000000000000OTHER0")]
    found = compare([account(raw, KNOWN) for raw in raws], {raw.head.run_id: gains_of(raw, KNOWN) for raw in raws})
    return "\n".join(compare_text.lines_of(found, (), plain=plain))


TEXTS = {
    "summary": summary.text(RUN),
    "summary, plain": summary.plain(RUN),
    "notebook": re.sub("<[^>]+>", " ", html_of(RUN)),
    "show": show_text.text(RUN, plain=False),
    "show, plain": show_text.text(RUN, plain=True),
    "compare": compared(plain=False),
    "compare, plain": compared(plain=True),
}


def figures(key):
    """(of one, of all), central values and lows: of what is a lower bound the low stands first."""
    one = RUN.units["images"].per_unit[key]
    whole = RUN.energy.job_kwh if key == "job_kwh" else RUN.impacts[key].total
    unit = "kWh" if key == "job_kwh" else RUN.impacts[key].unit
    return [(one[end], whole[end], unit) for end in (0, 1)]


def written(value, unit, text):
    """Whether an amount stands in a text, in short or in words; energy of one unit also as J."""
    ways = {amount(value, unit), amount(value, unit, spoken=True)}
    if unit == "kWh":
        ways |= {amount(value * 3.6e6, "J"), amount(value * 3.6e6, "J", spoken=True)}
    return any(re.search(rf"(?<![\d.,]){re.escape(way)}", text) for way in ways)


@pytest.mark.parametrize("where", TEXTS)
def test_wherever_one_unit_has_a_figure_its_total_stands_too(where):
    text = TEXTS[where]
    told = 0
    for key in RUN.units["images"].per_unit:
        for one, whole, unit in figures(key):
            if one > 0 and written(one, unit, text):
                told += 1
                assert written(whole, unit, text) or (key != "job_kwh" and parts_are_written(key, unit, text)), key
    assert told, "no figure for one unit was found at all"


def parts_are_written(key, unit, text):
    """The total in two halves, as ``compare`` and the summary have it: of the electricity, of the hardware."""
    impact = RUN.impacts[key]
    known = [part for part in (impact.operational, impact.embodied) if not isinstance(part, Missing) and is_known(part)]
    return all(any(written(part[end], unit, text) for end in (0, 1)) for part in known)
