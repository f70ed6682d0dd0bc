"""Labs for tests: ``lab`` is a cluster of four, ``harbour`` a leader that takes newcomers in.

Both are kept while one module after another asks for them.
"""

import itertools
import os
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.lab import lab as labs
from tests.lab import membership, rows
from tests.lab.host import Host
from tests.lab.lab import Lab

LOG_TAIL = 3000
LOGS = ("agent", "celery", "web")
_numbers = itertools.count(1)
MakeLab = Callable[..., Lab]
T = TypeVar("T")


@contextmanager
def _labs() -> Iterator[MakeLab]:
    """Start labs that all go down together, also those whose start failed."""
    if os.geteuid() != 0:
        pytest.fail("The lab's tests need root: they make network namespaces.")
    made: list[str] = []

    def make(*, nodes: int, joined: int) -> Lab:
        name = f"t{os.getpid()}x{next(_numbers)}"
        made.append(name)
        return labs.up(name, nodes=nodes, joined=joined, kept=_of_this_run() / "lab-template")

    try:
        yield make
    finally:
        for name in made:
            labs.down(name)


def _of_this_run() -> Path:
    """The directory that all processes of this run have in common, gone with the first of them."""
    own, process = Path(os.environ["FLOTILLA_STATE_DIR"]), os.environ.get("PYTEST_XDIST_WORKER")
    return own.parent if own.name == process else own


class Kept:
    """What modules make of labs and leave to those that come after, by the fixtures' names."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Any, ExitStack]] = {}

    def __bool__(self) -> bool:
        return bool(self._made)

    def keep(self, name: str, make: Callable[[MakeLab], T]) -> T:
        """What was made under that name before, or what ``make`` makes now."""
        if name not in self._made:
            with ExitStack() as labs_of_it:
                made = make(labs_of_it.enter_context(_labs()))
                self._made[name] = made, labs_of_it.pop_all()
        kept: T = self._made[name][0]
        return kept

    def keep_only(self, names: Collection[str]) -> None:
        """Take everything else down."""
        for name in self._made.keys() - set(names):
            self._made.pop(name)[1].close()


_kept = Kept()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Take down what this module does not ask for: an idle lab costs processor time."""
    if _kept:
        together = [other for other in item.session.items if other.path == item.path]
        _kept.keep_only({name for other in together for name in fixtures_of(other)})


def pytest_sessionfinish() -> None:
    """Take the last ones down."""
    _kept.keep_only(())


def fixtures_of(item: pytest.Item) -> Collection[str]:
    """The names of the fixtures that a test asks for, and those for which they ask."""
    names: Collection[str] = getattr(item, "fixturenames", ())
    return names


@pytest.fixture(scope="session")
def kept() -> Kept:
    """Where a module finds what an earlier one has made."""
    return _kept


@pytest.fixture(scope="module")
def make_lab() -> Iterator[MakeLab]:
    """Start labs that go down with the module: a host costs 280 MiB."""
    with _labs() as make:
        yield make


@pytest.fixture(scope="module")
def lab(kept: Kept) -> Lab:
    """Four nodes, joined in order, and node5 that belongs to nobody."""
    return kept.keep("lab", lambda make_lab: make_lab(nodes=5, joined=4))


@pytest.fixture(scope="module")
def harbour(kept: Kept) -> Lab:
    """A leader that has room for everybody, and node2 that belongs to nobody."""
    return kept.keep("harbour", _make_harbour)


def _make_harbour(make_lab: MakeLab) -> Lab:
    made = make_lab(nodes=2, joined=0)
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
