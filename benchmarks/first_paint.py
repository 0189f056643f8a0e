"""How long a phone waits for the memo: first paint on a slow connection and a slow processor.

    python benchmarks/first_paint.py --reports /tmp/reports --times 5

``--reports`` is a folder that `salesnb run` has written. Its pages are served by this process and opened by the
system's Chromium with the processor slowed to a quarter and the network to slow 4G, each time with an empty cache.
"""

from __future__ import annotations

import argparse
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from measuring import head, machine, row, spread

PHONE = {"width": 390, "height": 844}
SLOWER = 4
SLOW_4G = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8, "offline": False}
"""As Lighthouse throttles a phone: 150 ms there and back, 1.6 Mbit/s down, 0.75 Mbit/s up."""

PAINTED = """() => new Promise(done => new PerformanceObserver(list => {
  const painted = list.getEntriesByName('first-contentful-paint')[0];
  if (painted) done([painted.startTime, performance.getEntriesByType('navigation')[0].loadEventStart]);
}).observe({type: 'paint', buffered: true}))"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of requests."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def painted(browser: Any, url: str) -> tuple[float, float]:
    """Return the milliseconds until a phone shows the first text, and until it has all of the page."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=3, is_mobile=True)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_4G)
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url, wait_until="load")
    first, loaded = page.evaluate(PAINTED)
    context.close()
    return first, loaded


def pages(reports: Path, names: Sequence[str]) -> list[Path]:
    """Return the pages of those names, in all periods and teams."""
    return [page for name in names for page in sorted(reports.rglob(name))]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print rows of Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=Path, required=True)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--page", action="append", help="names of files; the memo without it")
    asked = parser.parse_args(arguments)
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    print(machine(), end="\n\n")
    print(head("page", "KB", "first paint ms", "whole page ms"))
    with served(asked.reports) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for page in pages(asked.reports, asked.page or ["review.html", "review.zh.html"]):
            name = page.relative_to(asked.reports).as_posix()
            found = [painted(browser, f"{address}/{quote(name)}") for _ in range(asked.times)]
            size = page.stat().st_size / 1000
            print(row([name, f"{size:.0f}", *(spread(times, 0) for times in zip(*found, strict=True))]))
        browser.close()


if __name__ == "__main__":
    main()
