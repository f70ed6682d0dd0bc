"""Labs for tests: ``lab`` is a cluster of four, ``harbour`` a leader that takes newcomers in."""

import itertools
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.lab import lab as labs
from tests.lab import membership, rows
from tests.lab.host import Host
from tests.lab.lab import Lab

LOG_TAIL = 3000
LOGS = ("agent", "celery", "web")
_numbers = itertools.count(1)


@contextmanager
def _labs() -> Iterator[Callable[..., Lab]]:
    """Start labs that all go down together, also those whose start failed."""
    if os.geteuid() != 0:
        pytest.fail("The lab's tests need root: they make network namespaces.")
    made: list[str] = []

    def make(*, nodes: int, joined: int) -> Lab:
        name = f"t{os.getpid()}x{next(_numbers)}"
        made.append(name)
        return labs.up(name, nodes=nodes, joined=joined)

    try:
        yield make
    finally:
        for name in made:
            labs.down(name)


@pytest.fixture(scope="session")
def make_shared_lab() -> Iterator[Callable[..., Lab]]:
    """Start labs that go down with the session."""
    with _labs() as make:
        yield make


@pytest.fixture(scope="module")
def make_lab() -> Iterator[Callable[..., Lab]]:
    """Start labs that go down with the module: a host costs 280 MiB."""
    with _labs() as make:
        yield make


@pytest.fixture(scope="session")
def lab(make_shared_lab: Callable[..., Lab]) -> Lab:
    """Four nodes, joined in order, and node5 that belongs to nobody."""
    return make_shared_lab(nodes=5, joined=4)


@pytest.fixture(scope="session")
def harbour(make_shared_lab: Callable[..., Lab]) -> Lab:
    """A leader that has room for everybody, and node2 that belongs to nobody."""
    made = make_shared_lab(nodes=2, joined=0)
    membership.create(made.hosts[0], max_nodes=200)
    return made


@pytest.fixture
def leader(harbour: Lab) -> Host:
    """The harbour's leader."""
    return harbour.hosts[0]


@pytest.fixture
def newcomer(harbour: Lab) -> Host:
    """A host that belongs to no cluster, with a name that no node had before."""
    host = harbour.hosts[1]
    if host.role != "uninitialised" or host.node.get("joining"):
        harbour.start_new(host)
    return host


@pytest.fixture
def new_name() -> str:
    """A name that no node of the harbour had before."""
    return f"ship{next(_numbers)}.lab.test"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Show the hosts' logs beside a failed test."""
    report = yield
    if report.failed:
        given = getattr(item, "funcargs", {}).values()
        used = {getattr(value, "lab", value) for value in given if _has_lab(value)}
        for host in itertools.chain.from_iterable(found.hosts for found in used):
            report.sections.extend(_logs(host))
    return report


def _has_lab(value: object) -> bool:
    """A lab, or what is made of one."""
    return isinstance(getattr(value, "lab", value), Lab)


def _logs(host: Host) -> Iterator[tuple[str, str]]:
    if (host.state_dir / "db.sqlite3").exists():
        yield f"{host.name} operations", "\n".join(map(str, rows.operations(host)))
    for path in [host.state_dir / "log" / f"{name}.log" for name in LOGS]:
        if path.exists():
            yield f"{host.name} {path.name}", path.read_text(errors="replace")[-LOG_TAIL:]
