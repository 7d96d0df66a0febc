"""How far hosts are heard of: one that falls silent saves nothing. Pure; docs/method-targets.md says it too."""

import itertools
import math
from collections.abc import Iterable
from typing import NamedTuple

from footprint.forecast import WINDOW_DAYS

RECENT_DAYS = 7
"""Days up to today that ``coverage`` is about."""
PAUSE_DAYS = (3, 14)
"""A host may pause for as long as it did before, but for at least a long weekend and at most two weeks."""


class HostDays(NamedTuple):
    """On which days a host was heard of: any run of it, whosever it was."""

    host: str
    weight: float
    """Its part in the use of the target's scope (any unit)."""
    days: frozenset[int]
    """Days since any one day."""


class Heard(NamedTuple):
    """How far hosts are heard of."""

    coverage: float
    """0 to 1: the share of their recent days, weighted by their use, on which they were heard of or paused as usual."""
    silent: tuple[str, ...] = ()
    """Hosts that are silent today."""


def coverage(hosts: Iterable[HostDays], today: int) -> Heard:
    """How far the hosts of the last ``WINDOW_DAYS`` were heard of in the last ``RECENT_DAYS``, up to today.

    A host may pause as long as it did before and came back from (``PAUSE_DAYS`` at least and at most); from the day
    after that it is silent. Hosts that were heard of on a single day are taken together as one, so that a fleet of
    machines that each live for a day is watched as a whole.
    """
    seen = [host._replace(days=frozenset(day for day in host.days if day <= today)) for host in hosts]
    seen = [host for host in seen if any(day > today - WINDOW_DAYS for day in host.days)]
    regular = [host for host in seen if len(host.days) > 1]
    visitors = [host for host in seen if len(host.days) == 1]
    if visitors:
        names = ", ".join(sorted(host.host for host in visitors))
        days = frozenset(day for host in visitors for day in host.days)
        regular.append(HostDays(names, math.fsum(host.weight for host in visitors), days))
    even = not math.fsum(host.weight for host in regular) > 0
    heard, expected, silent = [], [], []
    for host in regular:
        weight = 1.0 if even else host.weight
        spoke = [_is_heard(host.days, day) for day in _recent(host.days, today)]
        heard.append(weight * sum(spoke) / len(spoke))
        expected.append(weight)
        if not spoke[-1]:
            silent.append(host.host)
    whole = math.fsum(expected)
    return Heard(math.fsum(heard) / whole if whole > 0 else 0.0, tuple(sorted(silent)))


def _recent(days: frozenset[int], today: int) -> range:
    """The recent days since a host was first heard of."""
    return range(max(today - RECENT_DAYS + 1, min(days)), today + 1)


def _is_heard(days: frozenset[int], day: int) -> bool:
    """Whether a host was heard of on a day, or not longer ago than it paused before."""
    past = sorted(one for one in days if one <= day)
    longest = max((after - before for before, after in itertools.pairwise(past)), default=0)
    least, most = PAUSE_DAYS
    return day - past[-1] <= min(max(longest, least), most)
