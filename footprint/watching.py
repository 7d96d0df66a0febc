"""What the machine and the runs on it draw now: the power behind ``footprint top``.

Two looks a moment apart are accounted by ``account``, the very function that runs are: for the machine's channels with
frames of our own, for each run with the two newest frames of its journal. Whose lock is held, runs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import NamedTuple

from footprint import catalogue, config, home, journal
from footprint.account import account
from footprint.factors import Catalogue
from footprint.interval import UNKNOWN, Interval, is_known, scaled
from footprint.measuring import machine_of, region_for
from footprint.records.raw import Frame, RawRun, RunHead, Settings
from footprint.records.result import Run
from footprint.units import J_PER_KWH

SCHEMA = "footprint.top/1"
_POWER_STEP_S = 0.2
"""A channel that has only power is looked at at least this often within a window."""
_LATE_S = 3.0
"""A run whose newest reading is older is shown with its age."""


class ChannelPower(NamedTuple):
    """What one source of the machine draws."""

    kind: str
    channel: str
    method: str | None
    quality: str
    """``measured``, ``modelled``, or ``unavailable``."""
    power_w: Interval
    why: str | None = None
    """Why there is no power; None where there is."""


class RunPower(NamedTuple):
    """What one run draws."""

    run_id: str
    name: str | None
    project: str | None
    parent: str | None
    """The run around it, where that is shown too: its power holds this one's."""
    duration_s: float
    power_w: Interval
    over_s: float
    """Its power is a mean over so long."""
    age_s: float
    """So old is its newest reading."""
    why: str | None = None


class View(NamedTuple):
    """The machine over one window."""

    at: float
    """Seconds since 1970, at its end."""
    window_s: float
    channels: tuple[ChannelPower, ...]
    host_w: Interval
    """All channels and the overhead, at the wall."""
    runs: tuple[RunPower, ...]
    rest_w: float | None
    """What no run that is known draws; None where either is not known."""


class Watch:
    """Looks again and again; each ``view`` is of the time since the one before."""

    def __init__(self, settings: config.Settings) -> None:
        """Begin the first window. Raises UsageError for a region that does not exist."""
        self._eyes = machine_of(settings)
        self._home = str(settings.home.value)
        where = region_for(settings, self._eyes.host)
        self._factors = catalogue.load(where.zone, where.given, cpu=self._eyes.info.cpu)
        self._head = RunHead(
            "", time.time(), self._eyes.info, where, Settings(),
            channels=self._eyes.instruments.channels, refusals=self._eyes.instruments.plan.refusals,
        )  # fmt: skip
        self._id = home.host_id(self._home)
        self._over: set[str] = set()
        """Journals whose run has ended: they are not looked at again."""
        self._frame = self._look()
        self._newest: dict[str, Frame] = {path: raw.frames[-1] for path, raw in self._live()}

    def wait(self, seconds: float) -> None:
        """Let time pass; channels that have only power are looked at meanwhile."""
        if self._eyes.instruments.has_power:
            self._look()
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            time.sleep(min(left_s, _POWER_STEP_S) if self._eyes.instruments.has_power else left_s)
            if self._eyes.instruments.has_power:
                self._look()

    def view(self) -> View:
        """The time since the last view, or since the beginning."""
        before, self._frame = self._frame, self._look()
        result = _accounted(self._head, before, self._frame, self._factors)
        window_s = self._frame.t_s - before.t_s
        live = list(self._live())
        names = {raw.head.run_id for _, raw in live}
        runs = _in_order(self._run(path, raw, names) for path, raw in live)
        self._newest = {path: raw.frames[-1] for path, raw in live}
        host_w = _watts(result.energy.host_kwh, window_s)
        return View(time.time(), window_s, _channels(result, window_s), host_w, runs, _rest(host_w, runs))

    def _look(self) -> Frame:
        instant = self._eyes.instruments.look()
        return Frame(instant.t_s, instant.values, instant.host_busy_s, 0.0)

    def _live(self) -> Iterable[tuple[str, RawRun]]:
        """Runs of this machine that are being measured, the oldest first."""
        folder = os.path.join(self._home, journal.FOLDER)
        try:
            names = sorted(name for name in os.listdir(folder) if name.endswith(journal.SUFFIX))
        except OSError:
            return
        for name in names:
            path = os.path.join(folder, name)
            if path in self._over or not journal.is_live(path):
                self._over.add(path)
                continue
            try:
                raw = journal.read(path)
            except (OSError, journal.Unreadable):
                continue  # it ended just now, or has only just begun
            if raw.frames and raw.end is None and not raw.crashed and raw.head.host.id == self._id:
                yield path, raw

    def _run(self, path: str, raw: RawRun, names: set[str]) -> RunPower:
        last = raw.frames[-1]
        before = self._newest.get(path)
        if before is None or before.t_s >= last.t_s:  # it has just begun, or looks less often than we do
            before = next((frame for frame in reversed(raw.frames) if frame.t_s < last.t_s), None)
        head = raw.head
        age_s = max(0.0, time.time() - head.started_at - last.t_s)
        parent = head.parent if head.parent in names else None
        found = RunPower(
            head.run_id, head.name, head.project, parent, last.t_s + age_s, UNKNOWN, 0.0, age_s,
            "it has only just begun",
        )  # fmt: skip
        if before is None:
            return found
        over_s = last.t_s - before.t_s
        factors = catalogue.load(head.region.zone, head.region.given, cpu=head.host.cpu)
        result = _accounted(head, before, last, factors)
        power_w = _watts(result.energy.job_kwh, over_s)
        return found._replace(
            power_w=power_w, over_s=over_s, why=None if is_known(power_w) else "nothing of it can be measured"
        )


def _in_order(runs: Iterable[RunPower]) -> tuple[RunPower, ...]:
    """By their beginning, each followed by those inside it."""
    found = {run.run_id: run for run in runs}

    def lineage(run: RunPower) -> list[str]:
        ids, parent = [run.run_id], run.parent
        while parent in found and parent not in ids:
            ids.insert(0, parent)
            parent = found[parent].parent
        return ids

    return tuple(sorted(found.values(), key=lineage))


def _accounted(head: RunHead, before: Frame, after: Frame, factors: Catalogue) -> Run:
    """Two frames as a run of its own."""
    frames = (before._replace(t_s=0.0, spans=()), after._replace(t_s=after.t_s - before.t_s, spans=()))
    return account(RawRun(head, frames), factors)


def _watts(energy_kwh: Interval, seconds: float) -> Interval:
    return scaled(energy_kwh, J_PER_KWH / seconds) if seconds > 0 and is_known(energy_kwh) else UNKNOWN


def _channels(result: Run, window_s: float) -> tuple[ChannelPower, ...]:
    """Every part of the account, and what gave no reading."""
    found = [
        ChannelPower(one.kind, one.channel, one.method, one.quality, scaled(one.host_j, 1 / window_s))
        for one in result.energy.components
    ]
    had = {one.channel for one in found}
    for gap in result.energy.gaps:
        if gap.channel not in had:
            had.add(gap.channel)
            found.append(ChannelPower("other", gap.channel, None, "unavailable", UNKNOWN, gap.why))
    return tuple(found)


def _rest(host_w: Interval, runs: Iterable[RunPower]) -> float | None:
    """What is left beside the outermost runs; never below 0, as the windows of runs differ a little from ours."""
    outer = [one.power_w.central for one in runs if one.parent is None and is_known(one.power_w)]
    return max(0.0, host_w.central - sum(outer)) if is_known(host_w) else None


def as_document(view: View) -> dict[str, object]:
    """The document ``footprint.top/1``."""
    from footprint.records.document import interval_document

    def power(value: Interval) -> object:
        return interval_document(value) if is_known(value) else None

    return {
        "schema": SCHEMA,
        "at": round(view.at, 3),
        "window_s": round(view.window_s, 3),
        "channels": [one._asdict() | {"power_w": power(one.power_w)} for one in view.channels],
        "host_w": power(view.host_w),
        "runs": [one._asdict() | {"power_w": power(one.power_w)} for one in view.runs],
        "rest_w": view.rest_w,
    }


def is_late(run: RunPower) -> bool:
    """Whether a run's power is of a while ago."""
    return run.age_s > _LATE_S
