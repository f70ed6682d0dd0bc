"""When podman is asked, what is told, and how much of it."""

from collections.abc import Callable

import pytest

from nodes.agent.inventory import applications
from nodes.agent.inventory.applications import Application, fit, make
from nodes.agent.inventory.podman import PodmanFailed
from nodes.agent.inventory.sampler import PASS_SECONDS, Sampler


class Engine:
    """A podman that counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.changed = 0
        self.broken = ""
        self.found = [container("web")]
        self.meanwhile: Callable[[], None] = lambda: None

    def marks(self) -> tuple[int, ...]:
        return (self.changed,)

    def applications(self) -> list[Application]:
        self.asked += 1
        self.meanwhile()
        if self.broken:
            raise PodmanFailed(self.broken)
        return list(self.found)

    def change(self, *found: Application) -> None:
        self.changed += 1
        self.found = list(found)


class System:
    """A machine without services, until a test adds one."""

    def __init__(self) -> None:
        self.found: list[Application] = []

    def applications(self) -> list[Application]:
        return list(self.found)


class Node:
    """A sampler whose clock the test moves, and how often it told of a change."""

    def __init__(self) -> None:
        self.engine, self.system = Engine(), System()
        self.now, self.told = 0.0, 0
        self.sampler = Sampler(
            self.engine, self.system, on_change=self._tell, monotonic=lambda: self.now
        )

    def look(self) -> list[str]:
        self.sampler.look()
        return self.names

    @property
    def names(self) -> list[str]:
        return [each["name"] for each in self.sampler.sample().applications]

    def _tell(self) -> None:
        self.told += 1


def container(name: str, **values: str) -> Application:
    return make("container", name, state="running", labels=values)


@pytest.fixture
def node() -> Node:
    return Node()


def test_before_the_first_look_nothing_is_known(node: Node) -> None:
    assert (node.sampler.sample().digest, node.names) == ("", [])


def test_machine_without_applications_is_known_to_have_none(node: Node) -> None:
    node.engine.found = []
    node.look()

    assert (len(node.sampler.sample().digest), node.names) == (64, [])


def test_podman_is_asked_once_while_nothing_changes(node: Node) -> None:
    for _ in range(5):
        node.look()

    assert (node.engine.asked, node.told) == (1, 1)


def test_podman_is_asked_again_after_a_while(node: Node) -> None:
    node.look()
    node.now += PASS_SECONDS
    node.look()

    assert (node.engine.asked, node.told) == (2, 1)


def test_change_is_told(node: Node) -> None:
    node.look()
    digest = node.sampler.sample().digest
    node.engine.change(container("web"), container("mail"))

    assert node.look() == ["mail", "web"]
    assert (node.sampler.sample().digest != digest, node.told) == (True, 2)


def test_change_while_podman_answers_is_seen_with_the_next_look(node: Node) -> None:
    node.engine.meanwhile = lambda: setattr(node.engine, "changed", 1)
    node.look()
    node.engine.found = [container("mail")]

    assert node.look() == ["mail"]


def test_service_is_seen_without_asking_podman(node: Node) -> None:
    node.look()
    node.system.found = [make("service", "samba.service", state="active")]

    assert node.look() == ["web", "samba.service"]
    assert node.engine.asked == 1


def test_podman_that_fails_changes_nothing(node: Node, caplog: pytest.LogCaptureFixture) -> None:
    node.look()
    node.engine.broken = "podman ps: timed out"
    for _ in range(3):
        node.now += PASS_SECONDS
        node.look()

    assert node.names == ["web"]
    assert [record.message for record in caplog.records] == ["podman_failed"]


def test_podman_that_never_answered_leaves_the_whole_unknown(node: Node) -> None:
    """A list without the containers would say that there are none."""
    node.engine.broken = "podman ps: timed out"
    node.system.found = [make("service", "samba.service", state="active")]
    node.look()

    assert (node.sampler.sample().digest, node.names) == ("", [])


def test_list_is_in_order_and_has_each_once() -> None:
    found = [container("b"), container("a"), container("b")]

    assert [each.name for each in fit(found)] == ["a", "b"]


def test_list_has_an_end() -> None:
    assert len(fit(container(f"c{number}") for number in range(600))) == applications.MOST


def test_foreign_labels_give_way_to_a_small_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applications, "LARGEST", 300)
    labels = {"org.opencontainers.image.vendor": "v" * 200, "flotilla.role": "account-provider"}

    [found] = fit([container("a", **labels)])

    assert found.labels == {"flotilla.role": "account-provider"}


def test_list_that_is_too_large_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applications, "LARGEST", 1000)

    found = fit(container(f"c{number:03d}") for number in range(50))

    assert 5 < len(found) < 15


def test_our_labels_come_first_where_there_are_too_many() -> None:
    many = {f"a{number}": "1" for number in range(60)}

    found = container("a", **many, **{"flotilla.domain": "example.org"})

    assert len(found.labels) == applications.MOST_LABELS
    assert found.labels["flotilla.domain"] == "example.org"
