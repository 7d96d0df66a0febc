"""A metrics page as text: the formats of Prometheus and OpenMetrics, read for the few counters that are asked for.

Sources: https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4) and
https://prometheus.io/docs/specs/om/open_metrics_spec/ (OpenMetrics 1.0).
"""

import math
import re
from collections.abc import Container, Mapping
from typing import NamedTuple

Labels = tuple[tuple[str, str], ...]
Series = tuple[str, Labels]
"""A counter's name and its labels, sorted."""

_SAMPLE = re.compile(
    r'([a-zA-Z_:][a-zA-Z0-9_:]*)'  # name
    r'(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?'  # labels; a brace may stand in a value
    r'[ \t]+([^ \t]+)'  # value
    r'(?:[ \t]+[-+0-9.eE]+)?'  # timestamp
    r'[ \t]*(?:# \{.*)?'  # exemplar
)  # fmt: skip
_LABEL = re.compile(r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|$)')
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?(?:[Ii]nf(?:inity)?|INF)|[Nn]a[Nn]")
_ESCAPES = {"n": "\n", "\\": "\\", '"': '"'}
_LONGEST_LINE = 65_536
_MOST_SERIES = 10_000
_SHOWN = 40


class Page(NamedTuple):
    """What a page says of the counters that were asked for."""

    counts: Mapping[Series, float]
    """Finite and not negative. Where a page has one series twice, the first counts, as for Prometheus itself."""
    odd: Mapping[str, str]
    """By counter: what stands there and is no count, such as NaN. Its series is not in ``counts``."""


class NoPage(NamedTuple):
    """It is no metrics page, and why: for a person."""

    why: str


def parse(data: bytes, wanted: Container[str], *, whole: bool = True, open_metrics: bool = False) -> Page | NoPage:
    """The counters of a page whose names are ``wanted``, with all their labels. Raises nothing, whatever comes.

    ``whole``: that no end is missing is known otherwise (from its length); else a last line without its end says
    that the page was cut off. ``open_metrics``: it must end with ``# EOF``.
    """
    if data.lstrip()[:1] == b"<":
        return NoPage("it is a page for browsers (HTML), not of metrics")
    if data and not whole and not data.endswith(b"\n"):
        return NoPage("it is cut off: its last line has no end")
    lines = data.decode("utf-8", "replace").split("\n")
    if open_metrics and "# EOF" not in lines[-2:]:
        return NoPage("it is cut off: it does not end with # EOF")
    return _read(lines, wanted)


def _read(lines: list[str], wanted: Container[str]) -> Page | NoPage:
    counts: dict[Series, float] = {}
    odd: dict[str, str] = {}
    samples = 0
    for number, raw in enumerate(lines, 1):
        line = raw.strip(" \t\r")
        if not line or line.startswith("#"):
            samples += line.startswith(("# TYPE ", "# HELP "))
            continue
        if line.startswith('{"'):  # a name in the newer form with any letter: not one of ours
            continue
        found = _SAMPLE.fullmatch(line) if len(line) <= _LONGEST_LINE else None
        if found is None or _NUMBER.fullmatch(found[3]) is None:
            return NoPage(f"its line {number} is no metric: {_shown(line)}")
        samples += 1
        if found[1] in wanted:
            labels = _labels(found[2] or "")
            if labels is None:
                return NoPage(f"the labels in its line {number} cannot be read: {_shown(line)}")
            _count(found[1], labels, found[3], counts, odd)
        if len(counts) > _MOST_SERIES:
            return NoPage(f"it has more than {_MOST_SERIES:,} series of one counter")
    if samples == 0 and any(line.strip() for line in lines):
        return NoPage("it holds no metrics")
    return Page(counts, odd)


def _count(name: str, labels: Labels, value: str, counts: dict[Series, float], odd: dict[str, str]) -> None:
    count = float(value)
    if not math.isfinite(count) or count < 0:
        odd[name] = value
    else:
        counts.setdefault((name, labels), count)


def _labels(text: str) -> Labels | None:
    """``a="1",b="2"`` sorted by name; None where that is no list of labels."""
    found: list[tuple[str, str]] = []
    place = 0
    while place < len(text.rstrip(" \t")):
        label = _LABEL.match(text, place)
        if label is None:
            return None
        found.append((label[1], re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[0]), label[2])))
        place = label.end()
    return tuple(sorted(found))


def _shown(line: str) -> str:
    """The beginning of a line, safe to print."""
    return repr(line[:_SHOWN] + ("…" if len(line) > _SHOWN else ""))
