"""The pages in a real browser, over runs that are made up: what they show, by mouse, keyboard and ear."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("dash", reason="the dashboard's extra is not installed: pip install 'compute-footprint[dashboard]'")

from fake_runs import FakeRuns, made_up

from footprint.dashboard import app, server
from footprint.dashboard.components import runs_table

if TYPE_CHECKING:
    from browser import Open, Watched

pytest_plugins = ["browser"]
# Flask-Compress leaves files of assets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

CLAIMS = re.compile(
    r"\b(green|eco-friendly|climate-neutral|carbon-neutral|sustainable|sustainability|clean)\b", re.IGNORECASE
)
LOOKS = [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)]


class Served:
    """The application over made-up runs, listening in a thread."""

    def __init__(self, count: int) -> None:
        self.runs = FakeRuns(count)
        self._listening = server.listen(0)
        self._server = server.serving(app.build(self.runs).server, self._listening)
        self.port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._listening.close()


@pytest.fixture(scope="module")
def many() -> Iterator[Served]:
    served = Served(240)
    yield served
    served.stop()


@pytest.fixture
def own(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A source of this test's own, with as many runs as its parameter says."""
    served = Served(getattr(request, "param", 3))
    yield served
    served.stop()


def ready(watched: Watched) -> Watched:
    """Wait for the first row's text and the chart's bars."""
    watched.page.wait_for_selector(".ag-row .run-link")
    watched.page.wait_for_selector(".bars .drawn-bars")
    return watched


def count(watched: Watched) -> str:
    return str(watched.page.text_content("#runs-count"))


def look_again(watched: Watched) -> None:
    """Come back to the page's tab: it asks at once for what is new, as it does every ten seconds."""
    watched.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def wait_for_count(watched: Watched, words: str) -> None:
    watched.page.wait_for_function("words => document.querySelector('#runs-count').textContent === words", arg=words)


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_runs_page_is_sound_in_every_look(many: Served, open_page: Open, scheme: str, width: int) -> None:
    """No axe violation, no console error, no host but this one, no sideways scrolling, no claim."""
    watched = ready(open_page(many.url(), scheme=scheme, width=width))
    assert watched.violations() == []
    assert watched.complaints == []
    assert watched.hosts == {"127.0.0.1"}
    assert watched.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not CLAIMS.search(watched.page.inner_text("body"))


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_run_page_is_sound_in_every_look(many: Served, open_page: Open, scheme: str, width: int) -> None:
    """The same of one run, with its tables open."""
    watched = open_page(many.url("/run/01JDRUN00005"), scheme=scheme, width=width)
    watched.page.wait_for_selector("#power-chart .scatterlayer .js-line")
    watched.page.wait_for_selector("#components-chart .barlayer .point")
    for table in watched.page.query_selector_all("details > summary"):
        table.click()
    assert watched.violations() == []
    assert watched.complaints == []
    assert watched.hosts == {"127.0.0.1"}
    assert watched.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not CLAIMS.search(watched.page.inner_text("body"))


def test_the_headline_says_the_finding(many: Served, open_page: Open) -> None:
    """How many runs, how much energy, in which time, and where most of it went."""
    page = ready(open_page(many.url())).page
    headline = str(page.text_content("h1")).replace("\u00a0", " ")
    assert re.fullmatch(r"1\d\d runs used \d\.\d\d kWh in the last 30 days", headline)
    finding = str(page.text_content("#runs-finding"))
    assert "project" in finding
    assert "% of the energy was measured" in finding
    assert page.title() == f"{page.text_content('h1')} – Footprint"
    assert page.get_attribute("html", "lang") == "en"


def test_filters_change_count_rows_and_address(many: Served, open_page: Open) -> None:
    """A filter is seen in the count, in the rows and in the address, and the address alone brings it back."""
    watched = ready(open_page(many.url("/?days=0")))
    page = watched.page
    wait_for_count(watched, "240 runs")
    page.fill("#filter-project", "vision")
    wait_for_count(watched, "60 runs")
    page.wait_for_function("() => location.search.includes('project=vision')")
    page.click("#runs-states a:text('Crashed')")
    page.wait_for_function("() => location.search.includes('status=crashed')")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.ag-row [col-id=status]')].every(cell => cell.textContent.includes('Crashed'))"
    )
    crashed = count(watched)
    again = ready(open_page(page.url))
    wait_for_count(again, crashed)
    assert again.page.input_value("#filter-project") == "vision"
    page.go_back()
    wait_for_count(watched, "60 runs")
    page.go_back()
    wait_for_count(watched, "240 runs")
    assert page.input_value("#filter-project") == ""
    assert watched.complaints == []


def test_no_match_says_so_and_how_to_clear(many: Served, open_page: Open) -> None:
    """An empty table is a sentence and a way out."""
    watched = open_page(many.url("/?q=nothing-is-called-so"))
    watched.page.wait_for_selector("text=No runs match.")
    assert count(watched) == "0 runs"
    assert watched.violations() == []
    watched.page.click("text=Clear: show all runs of all time")
    wait_for_count(watched, "240 runs")
    ready(watched)


def test_sorting_by_energy_asks_for_all_runs_in_that_order(many: Served, open_page: Open) -> None:
    """The head of a column sorts the whole store, not the rows that happen to be loaded."""
    page = ready(open_page(many.url("/?days=0"))).page
    page.click(".ag-header-cell[col-id=energy]")
    most = max((made_up(number) for number in range(240)), key=lambda line: line.job_kwh.central)
    page.wait_for_function(
        "id => document.querySelector('.ag-row[row-index=\"0\"] .run-link')?.getAttribute('href') === '/run/' + id",
        arg=most.run_id,
    )


def test_rows_beyond_the_first_block_come_when_scrolled_to(many: Served, open_page: Open) -> None:
    """The table asks for a hundred rows at a time and reaches the last."""
    page = ready(open_page(many.url("/?days=0"))).page
    page.evaluate("document.querySelector('.ag-body-viewport').scrollTop = 1e6")
    page.wait_for_selector(".ag-row a[href='/run/01JDRUN00239']")


def test_by_keyboard_from_the_skip_link_to_a_run_and_back(many: Served, open_page: Open) -> None:
    """Everything can be reached without a mouse, and it can be seen where the focus is."""
    watched = ready(open_page(many.url()))
    page = watched.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => { const at = document.activeElement;
            const seen = [at, at.parentElement].map(getComputedStyle).some(
                look => look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2);
            return [at.id || at.className, seen]; }"""
        )
        reached.append(focused)
        if "ag-header-cell" in focused[0]:
            break
    names = " ".join(name for name, _ in reached)
    for expected in ("brand", "tab", "refresh", "theme-toggle", "filter-text", "filter-project", "ag-header-cell"):
        assert expected in names
    assert [name for name, seen in reached if not seen] == []
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.activeElement.classList.contains('ag-cell')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/run/*")
    page.wait_for_selector("#power-chart .scatterlayer .js-line")
    page.wait_for_function("() => document.activeElement.tagName === 'H1'")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(many.url())
    ready(watched)
    assert watched.complaints == []


def test_columns_are_chosen_by_keyboard_and_stay_chosen(many: Served, open_page: Open) -> None:
    """A column goes with its switch, is still gone after a reload, and indicators beyond the second wait there."""
    watched = ready(open_page(many.url()))
    page = watched.page
    heads = "[...document.querySelectorAll('.ag-header-cell')].map(head => head.getAttribute('col-id'))"
    page.wait_for_function(f"() => !{heads}.some(head => {list(runs_table.LATER)}.includes(head))")
    page.focus(".chooser summary")
    page.keyboard.press("Enter")
    page.focus("#runs-columns [data-column=zone]")
    page.keyboard.press("Space")
    page.wait_for_function(f"() => !{heads}.includes('zone')")
    assert watched.violations() == []
    page.reload()
    ready(watched)
    page.wait_for_function(f"() => {heads}.includes('water') && !{heads}.includes('zone')")
    assert watched.complaints == []


def test_show_as_table_holds_what_the_chart_shows(many: Served, open_page: Open) -> None:
    """Each chart is a native table too, opened by Enter."""
    page = ready(open_page(many.url())).page
    page.focus("#amounts-table >> xpath=../summary")
    page.keyboard.press("Enter")
    page.wait_for_selector("#amounts-table table", state="visible")
    rows = page.query_selector_all("#amounts-table tbody tr")
    bars = page.evaluate("JSON.parse(document.querySelector('.plot').dataset.hover)")
    assert len(rows) == len(bars) > 5


def test_a_run_shows_channels_gaps_missing_parts_and_sources(many: Served, open_page: Open) -> None:
    """Where the energy went, what is missing and why, and what the figures were made with."""
    page = open_page(many.url("/run/01JDRUN00005")).page
    page.wait_for_selector("#power-chart .scatterlayer .js-line")
    drawn = page.inner_text("#power-chart")
    assert all(channel in drawn for channel in ("package-0", "dram-0", "gpu-0", "gpu-1", "no reading"))
    body = page.inner_text("main").replace("\u00a0", " ")
    for words in (
        "This run crashed: its measuring ended without a stop",
        "missing: no data on this hardware yet",
        "NVML said: unknown error",
        "network",
        "carbon_location/total/FR/2024",
        "A yearly data set of a public agency",
        "footprint explain 01JDRUN00005",
        "something is known to be missing",
        "90 % interval",
        "modelled",
    ):
        assert words in body
    assert "<b>17</b>" in str(page.text_content("h1"))


def test_a_figure_that_cannot_be_had_is_a_dash_with_its_reason(many: Served, open_page: Open) -> None:
    """Never zero: run 7 has no water figure."""
    page = open_page(many.url("/run/01JDRUN00007")).page
    tile = page.wait_for_selector(".tile:has(dt:text-is('Water'))")
    assert tile is not None
    assert tile.inner_text().split("\n")[1:] == ["–", "no factor for this zone"]


def test_theme_follows_the_system_until_it_is_chosen(many: Served, open_page: Open) -> None:
    """The button turns page and charts, and the choice outlives the page."""
    watched = ready(open_page(many.url(), scheme="light"))
    page = watched.page
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(246, 248, 246)"
    page.click("#theme-toggle")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 21, 19)"
    colour = "getComputedStyle(document.querySelector('.bars .drawn-bars')).backgroundColor"
    assert page.evaluate(colour) == "rgb(240, 138, 75)"
    page.reload()
    ready(watched)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 21, 19)"
    assert page.get_attribute("#theme-toggle", "aria-label") == "Use the light theme"


@pytest.mark.parametrize("own", [0], indirect=True)
def test_an_empty_store_says_what_to_do_and_shows_the_first_run(own: Served, open_page: Open) -> None:
    """Nothing yet is a beginning: the command to run, and then the run."""
    watched = open_page(own.url())
    watched.page.wait_for_selector("text=footprint run -- python train.py")
    assert watched.violations() == []
    own.runs.lines.append(made_up(0))
    watched.page.click("#refresh")
    ready(watched)
    assert count(watched) == "1 run"
    assert watched.page.query_selector("text=No runs yet") is None
    assert watched.complaints == []


def test_new_runs_appear_by_themselves(own: Served, open_page: Open) -> None:
    """The page asks now and then; nobody has to load it anew."""
    watched = ready(open_page(own.url()))
    own.runs.lines.insert(0, made_up(0)._replace(run_id="01JDNEWRUN"))
    watched.page.wait_for_selector(".ag-row a[href='/run/01JDNEWRUN']")
    assert count(watched) == "4 runs"


def test_with_reduced_motion_new_runs_are_announced_and_wait(own: Served, open_page: Open) -> None:
    """Nothing moves by itself for those who asked for that: they are told, and press Refresh."""
    watched = ready(open_page(own.url(), motion="reduce"))
    own.runs.lines.insert(0, made_up(0)._replace(run_id="01JDNEWRUN"))
    look_again(watched)
    watched.page.wait_for_selector("#news:has-text('Refresh')")
    assert count(watched) == "3 runs"
    watched.page.click("#refresh")
    wait_for_count(watched, "4 runs")


def test_a_store_that_fails_leaves_the_last_figures_with_their_time(own: Served, open_page: Open) -> None:
    """What is wrong and what to do stand over figures that are said to be old."""
    watched = ready(open_page(own.url()))
    own.runs.broken = True
    watched.page.click("#refresh")
    alert = watched.page.wait_for_selector("#runs-problem [role=alert]")
    assert alert is not None
    assert re.search(
        r"the store cannot be read: it is damaged; run: footprint store rebuild\. What you see is from \d\d:\d\d:\d\d\.",
        alert.inner_text(),
    )
    assert "3 runs" in str(watched.page.text_content("h1"))
    fresh = open_page(own.url("/?days=90"))
    fresh.page.wait_for_selector("#runs-problem [role=alert]")
    assert fresh.page.text_content("h1") == "The runs cannot be read"
    assert fresh.violations() == []


def test_a_dashboard_that_ended_is_said_to_have_ended(own: Served, open_page: Open) -> None:
    """A page without its server does not pretend to be fresh."""
    watched = ready(open_page(own.url()))
    own.stop()
    look_again(watched)
    watched.page.wait_for_selector("#offline:not([hidden])")
    assert "does not answer" in watched.page.inner_text("#offline")


@pytest.mark.parametrize("path", ["/run/none", "/no/such/page"])
def test_addresses_of_nothing_say_so(many: Served, open_page: Open, path: str) -> None:
    """A wrong address is a sentence and a link, never an empty page."""
    watched = open_page(many.url(path))
    watched.page.wait_for_selector("text=Go to the runs")
    assert watched.violations() == []
    watched.page.click("text=Go to the runs")
    ready(watched)


def answer(port: int, path: str, host: str) -> tuple[int, dict[str, str]]:
    """Ask with a Host header of one's own."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    asking.request("GET", path, headers={"Host": host})
    response = asking.getresponse()
    response.read()
    found = response.status, dict(response.getheaders())
    asking.close()
    return found


@pytest.mark.parametrize("path", ["/", "/_dash-layout", "/changes", "/assets/footprint.js", "/none.js"])
def test_every_answer_is_strict(many: Served, path: str) -> None:
    """Headers stand on every answer, and a stranger's name gets none."""
    _, headers = answer(many.port, path, f"127.0.0.1:{many.port}")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    script = re.search(r"script-src ([^;]*)", headers["Content-Security-Policy"])
    assert script is not None
    assert re.fullmatch(r"'self'( 'sha256-[A-Za-z0-9+/=]+')*", script.group(1))
    status, _ = answer(many.port, path, f"attacker.example:{many.port}")
    assert status == 403
