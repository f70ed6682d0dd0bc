"""Fifty open tabs: what it costs the leader that every page keeps itself up to date.

*Open* are fifty real tabs of one Chromium, of which one is in front: the others are hidden, and say
so (headless Chromium hides none by itself, so that the others are told what a window would tell
them). *In view* is the worst case, fifty people who look on: what a page's script asks for is asked
again by fifty clients, with the same headers and cookie, as often as the page does.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event

import urllib3
from playwright.sync_api import Page, Request, sync_playwright

from tests.bench import figures, hosts
from tests.bench.figures import Figure, Section
from tests.browser.watching import launch, log_in
from tests.lab import client, membership
from tests.lab.host import Host

TABS, NODES = 50, 3
POLL_SECONDS = 1.5
SETTLE_SECONDS = 20
MOST_PERCENT = 10
PAGES = ("overview/", "nodes/", "operations/", "account/")
HIDDEN = "Object.defineProperty(document, 'hidden', { get: () => true })"
PARTS = ("hx-request", "true")


@dataclass(frozen=True)
class Poll:
    """What a page's script asks for, and how."""

    path: str
    headers: Mapping[str, str]


def measure(*, quick: bool) -> Section:
    """Processor time of the whole leader with no tab open, and with fifty of one page."""
    seconds = 10 if quick else 30
    with hosts.a_lab(nodes=NODES) as lab, sync_playwright() as playwright:
        leader = lab.hosts[0]
        membership.create(leader)
        for host in lab.hosts[1:]:
            membership.join(host, leader=leader)
        time.sleep(SETTLE_SECONDS)
        alone = percent(leader, seconds=seconds)
        browser = launch(playwright, lab.client.wrap("/usr/bin/chromium"))
        page = browser.new_context(ignore_https_errors=True).new_page()
        log_in(page, leader.url, **leader.administrator)
        polls = {path: _poll_of(page, f"{leader.url}/{path}") for path in PAGES}
        opened = tabs(page, leader, seconds=seconds)
        browser.close()
        rows = [(path, *crowd(leader, poll, seconds=seconds)) for path, poll in polls.items()]
    return _report(alone, opened, rows, seconds=seconds)


def tabs(front: Page, leader: Host, *, seconds: int) -> float:
    """Percent of a core while one tab is in front and the others are behind it."""
    for _ in range(TABS - 1):
        behind = front.context.new_page()
        behind.add_init_script(HIDDEN)
        behind.goto(f"{leader.url}/overview/")
    front.goto(f"{leader.url}/overview/")
    time.sleep(SETTLE_SECONDS)
    return percent(leader, seconds=seconds)


def _poll_of(page: Page, url: str) -> Poll:
    with page.expect_request(_is_poll, timeout=10_000) as asked:
        page.goto(url)
    path = asked.value.url.partition(":8443")[2]
    headers = asked.value.all_headers()
    return Poll(path, {name: text for name, text in headers.items() if not name.startswith(":")})


def _is_poll(request: Request) -> bool:
    return PARTS in request.headers.items() and "role=" in request.url


def crowd(leader: Host, poll: Poll, *, seconds: int) -> tuple[float, float, float]:
    """Percent of a core while the tabs poll, milliseconds of an answer (median), bytes of one."""
    ended = Event()
    threads = client.pool(f"{leader.lab}-client")
    asking = [threads.submit(_tab, leader, poll, number, ended) for number in range(TABS)]
    time.sleep(2 * POLL_SECONDS)
    used = percent(leader, seconds=seconds)
    ended.set()
    answers = [answer for tab in asking for answer in tab.result()]
    taken, sizes = zip(*answers, strict=True)
    return used, 1000 * figures.median(taken), figures.median(sizes)


def _tab(leader: Host, poll: Poll, number: int, ended: Event) -> list[tuple[float, int]]:
    """Ask as often as a page does, not all at once; seconds and bytes of each answer."""
    answers = []
    ended.wait(number * POLL_SECONDS / TABS)
    with leader.connect(timeout=15) as server:
        while not ended.is_set():
            began = time.perf_counter()
            answers.append((_ask(server, poll), began))
            ended.wait(POLL_SECONDS - (time.perf_counter() - began))
    return [(done - began, size) for (done, size), began in answers]


def _ask(server: urllib3.HTTPSConnectionPool, poll: Poll) -> tuple[float, int]:
    answer = server.request(
        "GET", poll.path, headers=dict(poll.headers), redirect=False, decode_content=False
    )
    assert answer.status == 200, answer.status
    return time.perf_counter(), len(answer.data)


def percent(leader: Host, *, seconds: int) -> float:
    """Of one core, all processes of the host together."""
    before, began = hosts.cpu_seconds(leader), time.monotonic()
    time.sleep(seconds)
    used = hosts.spent(before, hosts.cpu_seconds(leader))
    return 100 * sum(used.values()) / (time.monotonic() - began)


def _report(
    alone: float, opened: float, rows: list[tuple[str, float, float, float]], *, seconds: int
) -> Section:
    unit = "% of a core"
    seen = [Figure(f"{TABS} in view, {page}", used - alone, unit) for page, used, *_ in rows]
    head = ("in view", "leader, % of a core", "answer, median ms", "answer, bytes")
    return Section(
        f"{TABS} tabs open, over {seconds} s",
        (
            Figure("The leader with no tab open", alone, unit),
            Figure(f"{TABS} tabs open, more than with none", opened - alone, unit, MOST_PERCENT),
            *seen,
        ),
        (figures.table(head, rows),),
    )
