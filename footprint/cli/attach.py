"""``footprint attach PID|CGROUP``: measures what already runs, such as a service."""

import os
import signal
import sys
import time
from types import FrameType

import click

from footprint import config
from footprint.cli import complain
from footprint.cli.run_options import common_options, options_of
from footprint.cli.telling import BudgetWatch, tell, tell_elsewhere
from footprint.collectors.attached import ControlGroup, ProcessTree, refusal
from footprint.collectors.host import RealHost
from footprint.errors import NotPossible, UsageError
from footprint.live_run import LiveRun

_EPILOG = """\b
Examples:
  footprint attach 1234 --for 10m
  footprint attach system.slice/nginx.service --region FR --units requests=1000
  footprint attach 1234 --for 1h --metrics http://127.0.0.1:8000/metrics
"""
_STEP_S = 0.25
_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@click.command("attach", epilog=_EPILOG)
@click.argument("what", metavar="PID|CGROUP")
@click.option("--for", "duration", metavar="TIME", help="How long: 30s, 10m, 2h. Default: until it ends or Ctrl-C.")
@common_options
def command(what: str, duration: str | None, **given: object) -> None:
    """Measure a process with its descendants, or a control group, until it ends, the time is over or Ctrl-C."""
    if config.is_disabled(os.environ):
        return
    limit_s = None if duration is None else seconds(duration)
    options = options_of(f"attach {what}", given)
    activity = _activity(what)
    stopper = _Stopper()
    live = LiveRun(options.request, origin="flag", kind="attach", activity=activity)
    for unit, amount in options.units.items():
        live.count(unit, amount)
    tell_elsewhere(options)
    watch = BudgetWatch(live, options.budget)
    end_s = None if limit_s is None else time.monotonic() + limit_s
    while activity.lives() and not stopper.asked and (end_s is None or time.monotonic() < end_s):
        watch.look()
        stopper.sleep(_STEP_S if end_s is None else max(0.0, min(_STEP_S, end_s - time.monotonic())))
    live.close(exit_code=None)
    if live.not_kept is not None:
        complain(f"this run is not kept: {live.not_kept}; set FOOTPRINT_HOME to a folder that can be written")
    tell(live, options, watch)
    sys.exit(0)


def _activity(what: str) -> ProcessTree | ControlGroup:
    """What to follow. Raises UsageError for PID 1 and nonsense, NotPossible for what is gone or is not ours."""
    if sys.platform != "linux":
        why = "only Linux tells what others' processes have used"
        raise NotPossible(
            f"attach {what}", why, "start it with `footprint run -- CMD`, or measure inside it with track"
        )
    host = RealHost()
    if what.lstrip("-").isdigit():
        pid = int(what)
        if pid <= 0:
            raise UsageError(f"attach {what}", "that is no process number", "give a number above 1, or a control group")
        no = refusal(host, pid)
        if no is not None:
            kind = UsageError if pid == 1 else NotPossible
            raise kind(f"attach {what}", no.why, no.fix)
        try:
            return ProcessTree(host, pid)
        except OSError as fault:
            raise NotPossible(f"attach {what}", str(fault.strerror or fault), "look it up with `pgrep`") from None
    if what.strip("/") == "":
        raise UsageError(f"attach {what}", "the root group is the whole machine", "name the service's own group")
    try:
        return ControlGroup(host, what)
    except FileNotFoundError:
        why = "there is no such control group"
        raise NotPossible(f"attach {what}", why, "look it up in /proc/PID/cgroup of the service") from None


class _Stopper:
    """Ctrl-C and SIGTERM end the measuring, not what is measured."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True

    def sleep(self, seconds_: float) -> None:
        """Wait, or less where a signal comes in small steps."""
        end_s = time.monotonic() + seconds_
        while not self.asked and time.monotonic() < end_s:
            time.sleep(min(0.1, max(0.0, end_s - time.monotonic())))


def seconds(text: str) -> float:
    """Seconds of ``30s``, ``10m``, ``2h``, or a bare number. Raises UsageError."""
    unit = _UNITS_S.get(text[-1:].lower())
    try:
        amount = float(text[:-1] if unit else text) * (unit or 1)
    except ValueError:
        amount = -1.0
    if not 0 < amount < float("inf"):
        raise UsageError(f"--for {text!r}", "it is no time above 0", "write it like 30s, 10m or 2h")
    return amount
