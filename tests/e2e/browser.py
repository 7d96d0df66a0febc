"""A real browser for the pages' tests. Without one the tests are skipped, and say how to get it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ASKED_FOR = "apt-get install -y --no-install-recommends chromium fonts-dejavu-core fonts-noto-core"


class Watched:
    """A page with all that it said and asked for: console errors, hosts."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda problem: self.complaints.append(str(problem)))
        page.on("request", lambda request: self._ask(request.url))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _ask(self, url: str) -> None:
        if url.startswith(("http:", "https:", "ws:", "wss:")):
            self.hosts.add(url.split("/")[2].rsplit(":", 1)[0])

    def violations(self) -> list[str]:
        """What axe finds wrong, with where."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}" for one in found]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The machine's own Chromium; nothing is downloaded."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="NO BROWSER TESTS: pip install playwright")
    pytest.importorskip("axe_playwright_python", reason="NO BROWSER TESTS: pip install axe-playwright-python")
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"NO BROWSER TESTS: there is no Chromium here; {ASKED_FOR}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


Open = Callable[..., Watched]


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Open]:
    """Opens addresses: ``open_page(url, width=390, scheme="dark", motion="reduce")``."""
    contexts = []

    def opened(
        url: str, *, width: int = 1440, height: int = 1000, scheme: str = "light", motion: str = "no-preference"
    ) -> Watched:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion=motion
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        watched = Watched(context.new_page())
        watched.page.goto(url)
        return watched

    yield opened
    for context in contexts:
        context.close()
