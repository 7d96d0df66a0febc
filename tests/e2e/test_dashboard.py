"""The dashboard as a user has it: real runs in a home, the command, and a real browser."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import psutil
import pytest

pytest.importorskip("dash", reason="the dashboard's extra is not installed: pip install 'compute-footprint[dashboard]'")

if TYPE_CHECKING:
    from browser import Open, Watched

pytest_plugins = ["browser"]

FOOTPRINT = [sys.executable, "-m", "footprint"]
BUSY = "import time\nend = time.time() + {seconds}\nwhile time.time() < end: pass"


def environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FOOTPRINT_")}
    return kept | {"FOOTPRINT_HOME": str(home)}


def footprint(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FOOTPRINT, *args], env=environment(home), capture_output=True, text=True, timeout=60, check=False
    )


def measure(home: Path, name: str, *options: str, seconds: float = 0.5, then: str = "") -> None:
    command = [sys.executable, "-c", BUSY.format(seconds=seconds) + "\n" + then]
    footprint(home, "run", "--quiet", "--name", name, "--region", "FR", *options, "--", *command)


def runs(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(footprint(home, "list", "--json").stdout)["runs"]
    return found


class Dashboard:
    """``footprint dashboard`` as a process."""

    def __init__(self, home: Path, *args: str) -> None:
        self.process = subprocess.Popen(
            [*FOOTPRINT, "dashboard", "--no-browser", *args],
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = _pipe(self.process.stdout).readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)/", self.said)
        if address is None:
            self.process.kill()
            pytest.fail(f"no address: {self.said!r} {_pipe(self.process.stderr).read()!r}")
        self.port = int(address.group(1))

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def end(self, by: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """The exit code, and all that it said after its address."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out + err


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three runs: one fine, one whose job failed, one that was killed while it was measured."""
    folder = tmp_path_factory.mktemp("home")
    measure(folder, "train", "--project", "vision", "--units", "images=100", seconds=1.5)
    measure(folder, "evaluate", "--project", "ocean", then="raise SystemExit(3)")
    killed = subprocess.Popen(
        [*FOOTPRINT, "run", "--quiet", "--name", "cut off", "--", sys.executable, "-c", BUSY.format(seconds=30)],
        env=environment(folder),
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(1.5)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    return folder


@pytest.fixture(scope="module")
def dashboard(home: Path) -> Iterator[Dashboard]:
    started = Dashboard(home, "--port", str(free_port()))
    yield started
    started.end()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def ready(watched: Watched) -> Watched:
    watched.page.wait_for_selector(".ag-row .run-link")
    watched.page.wait_for_selector(".bars .drawn-bars")
    return watched


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390)])
def test_real_runs_are_shown_soundly(dashboard: Dashboard, open_page: Open, scheme: str, width: int) -> None:
    """No axe violation, no console error, and no host is asked but this one."""
    watched = ready(open_page(dashboard.url(), scheme=scheme, width=width))
    assert watched.violations() == []
    assert watched.complaints == []
    assert watched.hosts == {"127.0.0.1"}
    headline = str(watched.page.text_content("h1"))
    assert headline.startswith("3 runs used ")
    assert headline.endswith(" in the last 30 days")


def test_each_run_stands_in_the_table_with_its_state(dashboard: Dashboard, open_page: Open) -> None:
    """Fine, failed and cut off are told apart by sign and word."""
    page = ready(open_page(dashboard.url())).page
    rows = {}
    for row in page.query_selector_all(".ag-center-cols-container .ag-row"):
        cells = {cell.get_attribute("col-id"): cell.inner_text() for cell in row.query_selector_all(".ag-cell")}
        rows[cells["name"]] = cells
    assert {name: cells["status"] for name, cells in rows.items()} == {
        "train": "✓ Completed",
        "evaluate": "✕ Exit 3",
        "cut off": "△ Crashed",
    }
    assert rows["train"]["zone"].startswith("FR")
    assert "Wh" in rows["train"]["energy"]
    assert "CO2e" in rows["train"]["carbon_location"]
    assert "L" in rows["train"]["water"]


def test_a_run_opens_with_its_channels_and_factors(dashboard: Dashboard, home: Path, open_page: Open) -> None:
    """From the table to one run: power by channel, what was modelled, factors with sources, how to explain it."""
    run = next(one for one in runs(home) if one["name"] == "train")
    watched = ready(open_page(dashboard.url()))
    page = watched.page
    page.click(f"a[href='/run/{run['run_id']}']")
    page.wait_for_url(f"**/run/{run['run_id']}")
    page.wait_for_selector("#power-chart .scatterlayer .js-line")
    shown = json.loads(footprint(home, "show", run["run_id"], "--json").stdout)
    body = page.inner_text("main")
    for part in shown["energy"]["components"]:
        assert part["channel"] in page.inner_text("#components-chart")
    assert f"footprint explain {run['run_id']}" in body
    assert any(factor in body for factor in shown["provenance"]["factors"] if factor.startswith("carbon_location"))
    assert "images" in body
    page.click("summary:has-text('sources, with publisher, year and licence')")
    assert "Licence: " in page.inner_text(".sources")
    page.click("#back")
    ready(watched)
    assert watched.complaints == []


def test_a_crashed_run_is_flagged(dashboard: Dashboard, home: Path, open_page: Open) -> None:
    """Its page says what happened to it before it shows a figure."""
    run = next(one for one in runs(home) if one["status"] == "crashed")
    page = open_page(dashboard.url(f"/run/{run['run_id']}")).page
    page.wait_for_selector("[role=alert]:has-text('This run crashed: its measuring ended without a stop')")


def test_a_filter_is_in_count_and_address(dashboard: Dashboard, open_page: Open) -> None:
    """What is typed is asked of the store and kept in the address."""
    watched = ready(open_page(dashboard.url()))
    watched.page.fill("#filter-project", "ocean")
    watched.page.wait_for_selector("#runs-count:text-is('1 run')")
    watched.page.wait_for_url("**/?project=ocean")
    watched.page.wait_for_selector(".ag-row .run-link:text-is('evaluate')")


def test_a_new_run_appears_after_refresh(dashboard: Dashboard, home: Path, open_page: Open) -> None:
    """No restart: a run that ended a moment ago is there."""
    watched = ready(open_page(dashboard.url(), motion="reduce"))
    measure(home, "just now", "--project", "late")
    watched.page.click("#refresh")
    watched.page.wait_for_selector(".ag-row .run-link:text-is('just now')")
    assert watched.complaints == []


def test_a_store_that_is_damaged_meanwhile_is_made_anew_and_said(tmp_path: Path, open_page: Open) -> None:
    """The runs are still there, and a line says what became of the old store."""
    measure(tmp_path, "kept")
    started = Dashboard(tmp_path, "--port", str(free_port()))
    watched = ready(open_page(started.url()))
    for part in sorted(tmp_path.glob("store.sqlite*")):
        overwrite(part)
    watched.page.click("#refresh")
    watched.page.wait_for_selector("#runs-problem [role=status]:has-text('made anew from the journals')")
    watched.page.wait_for_selector(".ag-row .run-link:text-is('kept')")
    assert watched.violations() == []
    assert watched.complaints == []
    assert started.end() == (0, "")


def overwrite(part: Path) -> None:
    """Write over a file of an open database, and keep its length: who has mapped a file that shrinks is killed."""
    if not part.exists():
        return  # the dashboard was quicker, and has set it aside
    size = part.stat().st_size
    with part.open("r+b") as file:
        file.write(bytes(size) if part.name.endswith("-shm") else b"this is no database".ljust(size, b"."))


def test_it_listens_on_this_machine_alone(dashboard: Dashboard) -> None:
    """No socket of the process is open to other machines."""
    listening = psutil.Process(dashboard.process.pid).net_connections(kind="inet")
    assert {one.laddr.ip for one in listening if one.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_all_that_the_page_names_is_here(dashboard: Dashboard) -> None:
    """Scripts, styles and pictures are this server's own files."""
    asking = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=10)
    asking.request("GET", "/")
    response = asking.getresponse()
    page = response.read().decode()
    assert "default-src 'self'" in str(response.headers["Content-Security-Policy"])
    named = re.findall(r"(?:src|href)=\"([^\"]+)\"", page)
    assert named
    assert all(address.startswith("/") and not address.startswith("//") for address in named)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quickly_and_quietly(tmp_path: Path, by: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end it without a word, though a browser holds a connection open."""
    started = Dashboard(tmp_path, "--port", str(free_port()))
    with socket.create_connection(("127.0.0.1", started.port)):
        assert started.end(by) == (0, "")


def test_it_says_where_it_is_and_how_to_stop_it(tmp_path: Path) -> None:
    """One line, with the port that was asked for."""
    port = free_port()
    started = Dashboard(tmp_path, "--port", str(port))
    assert started.said == f"The dashboard is at http://127.0.0.1:{port}/ (stop it with Ctrl-C)\n"
    started.end()


def test_a_named_port_that_is_taken_is_said_with_a_way_out(tmp_path: Path) -> None:
    """Nothing is started elsewhere behind one's back."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = footprint(tmp_path, "dashboard", "--no-browser", "--port", str(port))
    assert result.returncode == 3
    assert result.stderr == (
        f"footprint: port {port} cannot be used: another program listens there; "
        "name another with --port N, or none to take a free one\n"
    )


def test_without_a_named_port_two_stand_side_by_side(tmp_path: Path) -> None:
    """The second takes the next free port."""
    first, second = Dashboard(tmp_path), Dashboard(tmp_path)
    assert 8050 <= first.port < second.port
    first.end()
    second.end()


def test_without_the_extra_it_says_how_to_install_it(tmp_path: Path) -> None:
    """No traceback: what is lacking, and the command."""
    code = (
        "import sys; sys.modules['dash'] = None; sys.argv = ['footprint', 'dashboard', '--no-browser'];"
        "from footprint.cli import main; main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 3
    assert result.stderr == (
        "footprint: the dashboard is not installed: it needs dash; pip install 'compute-footprint[dashboard]'\n"
    )


def test_other_verbs_do_not_pay_for_the_dashboard(tmp_path: Path) -> None:
    """Dash, Plotly and the grid are loaded by this verb alone, and not even by its help."""
    code = (
        "import sys\nfrom footprint.cli import main\nsys.argv = ['footprint', 'dashboard', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'dash', 'plotly', 'pandas', 'dash_ag_grid', 'flask'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout.endswith("[]\n")
    assert "Example" in result.stdout
