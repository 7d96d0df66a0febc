"""How quickly the dashboard answers with many runs, in a real browser: ``python benchmarks/dashboard_speed.py``.

    python benchmarks/dashboard_speed.py [RUNS [FOLDER]]

RUNS (10,000) are fabricated (``make_runs.py``) in FOLDER, or in one that goes away again; where FOLDER has a store
already it is taken as it is. *Cold* is from the address to the first row and the chart being painted, in a new
browser profile. *Filter* is from the click or the last key to count, rows and chart being painted; text is sent
after a pause in typing, which is counted. Goals: cold 1.5 s, filters 0.3 s, on two cores.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from typing import Any

import make_runs
from pairs import Table
from playwright.sync_api import sync_playwright

TRIES = 5
# The page is painted one frame after the last change of it: then nothing changes for a while.
WATCH = """
() => {
  const QUIET_MS = 500;
  window.painted = async (act, isDone) => {
    let last = performance.now();
    const watching = new MutationObserver(() => { last = performance.now(); });
    watching.observe(document.querySelector("#runs-body"), {
      childList: true, subtree: true, characterData: true, attributes: true
    });
    const start = performance.now();
    act();
    while (!isDone() || performance.now() - last < QUIET_MS) {
      await new Promise((done) => setTimeout(done, 20));
      if (performance.now() - start > 8000) { return NaN; }
    }
    watching.disconnect();
    return last - start + 1000 / 60;
  };
  window.isFilled = (before) => () => document.querySelector("#runs-count").textContent !== before
    && document.querySelector(".ag-row .run-link") && !document.querySelector(".ag-row .bone-cell");
}
"""
CLICK = """
([selector]) => window.painted(
  () => document.querySelector(selector).click(), window.isFilled(document.querySelector("#runs-count").textContent))
"""
SHOW = """
([selector]) => {
  const title = document.querySelector("#amounts-title"), before = title.textContent;
  return window.painted(() => document.querySelector(selector).click(), () => title.textContent !== before);
}
"""
TYPE = """
([selector, text]) => window.painted(() => {
  const input = document.querySelector(selector);
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, text);
  input.dispatchEvent(new Event("input", { bubbles: true }));
}, window.isFilled(document.querySelector("#runs-count").textContent))
"""
FILTERS = (
    ("period of 90 days", CLICK, ["#runs-period a[data-value='90']"]),
    ("all time", CLICK, ["#runs-period a[data-value='0']"]),
    ("a project, all time", CLICK, ["#projects-list a"]),
    ("and crashed", CLICK, ["#runs-states a[data-value='crashed']"]),
    ("no filter, all time", CLICK, ["#runs-states a.control"]),
    ("completed, all time", CLICK, ["#runs-states a[data-value='completed']"]),
    ("all states again", CLICK, ["#runs-states a[data-value='']"]),
    ("another quantity", SHOW, [".amounts a:not([aria-current])"]),
    ("text, all time", TYPE, ["#filter-text", "sweep"]),
    ("text that few have", TYPE, ["#filter-text", "sweep 99"]),
)


def cold(browser: Any, address: str) -> float:
    """Seconds from the address to the first row and the chart."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".ag-row .run-link")
    page.wait_for_function("() => document.querySelector('.bars .drawn-bars')")
    seconds = float(
        page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame("
            "() => done(performance.now() / 1000))))"
        )
    )
    context.close()
    return seconds


def filtered(browser: Any, address: str) -> dict[str, list[float]]:
    """Seconds from each filter to its paint, over some tries."""
    found: dict[str, list[float]] = {name: [] for name, _, _ in FILTERS}
    for _ in range(TRIES):
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(".ag-row .run-link")
        page.wait_for_selector(".bars .drawn-bars")
        page.wait_for_timeout(500)
        page.evaluate(WATCH)
        for name, script, arguments in FILTERS:
            found[name].append(page.evaluate(script, arguments) / 1000)
            page.wait_for_timeout(200)
        context.close()
    return found


def measure(home: str) -> Table:
    """Start the dashboard on a home, and see what a browser sees."""
    environment = os.environ | {"FOOTPRINT_HOME": home}
    command = [sys.executable, "-m", "footprint", "dashboard", "--no-browser"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        said = re.search(r"http://\S+", served.stdout.readline())
        assert said is not None
        with sync_playwright() as playwright:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            loads = [cold(browser, said.group()) for _ in range(TRIES)]
            found = filtered(browser, said.group())
            browser.close()
        served.terminate()
    rows = [("cold", loads, 1.5), *((name, times, 0.3) for name, times in found.items())]
    return Table(
        "The dashboard in a browser",
        "10,000 fabricated runs, Chromium on the same machine. *Cold* is from the address to rows and chart, in a new "
        "profile; the others are from a click or the last key to rows and chart being painted.",
        ("what", "median", "least", "most", "to reach"),
        [
            (name, f"{statistics.median(times):.2f} s", f"{min(times):.2f} s", f"{max(times):.2f} s", f"{goal:g} s")
            for name, times, goal in rows
        ],
    )


def of_fabricated(count: int, folder: str = "") -> Table:
    """The same over so many fabricated runs, in a folder that may have them already."""
    with tempfile.TemporaryDirectory() as scratch:
        home = folder or scratch
        if not os.path.exists(os.path.join(home, "store.sqlite")):
            make_runs.write(home, count)
        return measure(home)


if __name__ == "__main__":
    table = of_fabricated(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, sys.argv[2] if len(sys.argv) > 2 else "")
    for row in table.rows:
        print(f"{row[0]:<24}{row[1]:>8}  ({row[2]} to {row[3]}; to reach: {row[4]})")
