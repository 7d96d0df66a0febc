"""What ``run`` and ``attach`` say at the end: the result as JSON, a passed budget, the summary."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from footprint import config
from footprint.cli import complain, to_stderr
from footprint.cli.run_options import RunOptions
from footprint.live_run import LiveRun

if TYPE_CHECKING:
    from footprint import budget as budgets
    from footprint.account import Result


def tell(live: LiveRun, options: RunOptions, watch: BudgetWatch) -> None:
    """JSON, budget and summary. A fault here must not change the command's exit code."""
    is_first = not live.head.rank
    if live.why_not_counted is not None and is_first:
        where = f"--metrics {options.request.metrics}: nothing could be counted"
        complain(f"{where}: {live.why_not_counted}; see docs/inference.md for what a server must show")
    if options.json_path is None and options.budget is None and (options.quiet or not is_first):
        return
    try:
        result = live.result
        if options.json_path is not None:
            _write_json(options.json_path, result)
        watch.judge(result)
        if not options.quiet and is_first:
            from footprint import summary

            plain = config.is_plain(os.environ)
            said = summary.plain if plain else summary.text
            text = said(result, kept=live.not_kept is None)
            to_stderr(text)
    except Exception as fault:  # noqa: BLE001 - the command has done its work, and its exit code must stand
        complain(
            f"the result cannot be shown: {type(fault).__name__}: {fault}; `footprint show {live.run_id}` may tell"
        )


def tell_elsewhere(options: RunOptions) -> None:
    """Say once that counts are asked from another address than this machine's own."""
    url = options.request.metrics
    if url is None:
        return
    from footprint.scrape import address_of

    if not address_of(url).is_here:
        why = "it is no loopback address, and energy is measured on this machine alone"
        complain(f"--metrics {url}: {why}; the figures are right only if that server runs here")


class BudgetWatch:
    """Looks at the budget now and then, and warns once when it is passed."""

    def __init__(self, live: LiveRun, budget: budgets.Budget | None) -> None:
        self._live = live
        self._budget = budget
        self._next_s = time.monotonic() + 1.0
        self._step_s = 1.0

    def look(self) -> None:
        """Called about once a second; works out the use ever more seldom, down to once a minute."""
        if self._budget is None or time.monotonic() < self._next_s:
            return
        self._step_s = min(60.0, self._step_s * 1.5)
        self._next_s = time.monotonic() + self._step_s
        try:
            self.judge(self._live.result)
        except Exception as fault:  # noqa: BLE001 - the command runs on, and so must who waits for it
            complain(f"the budget is not watched: {type(fault).__name__}: {fault}; the command goes on")
            self._budget = None

    def judge(self, result: Result) -> None:
        """Warn if the central value is above the limit."""
        if self._budget is None:
            return
        used = self._budget.used(result)
        if used is None or used.central <= self._budget.limit:
            return
        share = used.central / self._budget.limit
        complain(f"budget of {self._budget.text} is passed: {share:.0%} of it is used; the command goes on")
        self._budget = None


def _write_json(path: str, result: Result) -> None:
    import json

    from footprint.records.document import as_document

    try:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(as_document(result), file, ensure_ascii=False, indent=1)
            file.write("\n")
    except OSError as fault:
        complain(f"--json {path}: {fault.strerror or fault}; `footprint show {result.run_id} --json` gives the same")
