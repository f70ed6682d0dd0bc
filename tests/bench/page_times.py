"""How long the server takes for each page, with many nodes and a long trail.

``python -m tests.bench.page_times [--events N]`` fills a database of its own in a temporary
directory, prints Markdown, and exits with 1 when a target was missed.
"""

import argparse
import json
import logging
import os
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from audit.search.indexing import extend  # noqa: E402
from cluster.models import Cluster  # noqa: E402
from config import environment  # noqa: E402
from nodes.models import Contact, Metric, Node  # noqa: E402
from nodes.models.metric import EVERY, KEPT  # noqa: E402
from tests.accounts.factories import log_in_directly, make_administrator  # noqa: E402
from tests.bench import figures  # noqa: E402
from tests.bench.audit_events import fill  # noqa: E402
from tests.bench.figures import Figure, Section  # noqa: E402
from tests.browser.pages import PATHS  # noqa: E402
from tests.cluster.factories import add_node, hear_from  # noqa: E402
from tests.node_files import write_node_file  # noqa: E402

NODES, MANY = 16, 254
TIMES = 40
AT_MOST = 100
"""Milliseconds, 95 of 100 times."""
COMPUTED = ("audit_verification",)
"""Pages that somebody asks to look at the whole trail, and at every other node."""
POLLED = ("overview", "nodes", "operations", "node")
"""Pages that ask for their part again all the time."""
FACTS = {"memory": {"total": 8_000_000_000, "available": 3_000_000_000}, "load": [0.3, 0.2, 0.1]}


def make_fleet(number: int) -> None:
    """So many nodes, all of them online, each with a day of figures."""
    Cluster.objects.create(
        uuid=uuid.uuid4(), label="Fleet", vpn_network="10.5.0.0/16", max_nodes=MANY
    )
    add_nodes(1, number)


def add_nodes(first: int, last: int) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    for pk in range(first, last + 1):
        role = Node.Role.LEADER if pk == 1 else Node.Role.WORKER
        node = add_node(pk, role=role, vpn_address=f"10.5.{pk // 250}.{pk % 250 + 1}")
        Metric.objects.bulk_create(
            Metric(node=node, at=now - step * EVERY, cpu_percent=step % 90, load=0.3)
            for step in range(KEPT // EVERY)
        )


def hear_from_all() -> None:
    """As if every node had just synced."""
    for pk in Node.objects.values_list("pk", flat=True):
        hear_from(pk, facts=FACTS, health={}, applied_generation=1, generation=1, term=1)


def measure(client: Client) -> Section:
    rows, measured = [], []
    for name, path in PATHS.items():
        hear_from_all()
        taken, used = milliseconds(partial(client.get, path), 1 if name in COMPUTED else TIMES)
        p95, answer = figures.percentile(taken, 95), client.get(path)
        assert answer.status_code == 200, path
        kilobytes = len(answer.content) / 1000
        rows.append((name, figures.median(used), figures.median(taken), p95, kilobytes))
        at_most = None if name in COMPUTED else AT_MOST
        measured.append(Figure(f"{name}, p95", p95, "ms", at_most))
    worst = sorted(measured, key=lambda figure: -figure.value)[:5]
    head = ("page", "processor, ms", "median, ms", "p95, ms", "HTML, kB")
    return Section(f"Pages with {NODES} nodes", worst, [figures.table(head, rows)])


def measure_polls(client: Client) -> Section:
    """What the polled parts cost, as the fleet has it now."""
    number = Contact.objects.count()
    rows, measured = [], []
    for name in POLLED:
        hear_from_all()
        ask = partial(client.get, PATHS[name], headers={"HX-Request": "true"})
        taken, used = milliseconds(ask, TIMES)
        p95 = figures.percentile(taken, 95)
        rows.append((name, figures.median(used), figures.median(taken), p95))
        measured.append(Figure(f"{name}, p95 of a poll", p95, "ms", AT_MOST))
    head = ("poll", "processor, ms", "median, ms", "p95, ms")
    return Section(f"Polls with {number} nodes", measured, [figures.table(head, rows)])


def milliseconds(ask: Callable[[], object], times: int) -> tuple[list[float], list[float]]:
    """Of each call but the first: by the clock, and of the processor, whatever else it does."""
    ask()
    taken, used = [], []
    for _ in range(times):
        began, spent = time.perf_counter(), time.process_time()
        ask()
        used.append(1000 * (time.process_time() - spent))
        taken.append(1000 * (time.perf_counter() - began))
    return taken, used


def measure_all(events: int) -> list[Section]:
    logging.disable(logging.WARNING)  # there is no broker that would publish what is changed
    call_command("migrate", verbosity=0)
    environment.NODE_FILE.parent.mkdir(parents=True, exist_ok=True)
    write_node_file(environment.NODE_FILE, role="leader")
    began = time.perf_counter()
    fill(events)
    extend(seconds=600)
    print(f"{events} events in {time.perf_counter() - began:.0f} s\n", flush=True)
    make_fleet(NODES)
    client = Client()
    log_in_directly(client, make_administrator())
    sections = [measure(client), measure_polls(client)]
    add_nodes(NODES + 1, MANY)
    return [*sections, measure_polls(client)]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.bench.page_times", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="write the sections as JSON too")
    options = parser.parse_args(arguments)
    sections = measure_all(options.events)
    for section in sections:
        print(figures.show(section), flush=True)
    if options.keep:
        options.keep.write_text(json.dumps([asdict(section) for section in sections]))
    return 1 if figures.missed(sections) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
