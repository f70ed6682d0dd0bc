"""Rules of the whole project: walked, not remembered."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import get_commands
from django.test import Client

from accounts.models import Administrator
from accounts.services.policy import change_policy
from audit.actions import AuditAction
from audit.actor import Actor
from config.errors import Conflict, DomainError, Invalid, Missing, Refused, Unavailable
from tests.accounts.factories import (
    api_client,
    enable_totp,
    log_in_directly,
    make_administrator,
    make_auditor,
    named_client,
)
from tests.node_files import node_file
from tests.routes import METHODS, Route, all_routes

__all__ = ["node_file"]

APPS = ("config", "audit", "accounts", "nodes", "cluster")
KINDS = (DomainError, Invalid, Refused, Missing, Conflict, Unavailable)

OPEN = {
    "": "the start page sends strangers to log in, and says on a worker where the leader is",
    "healthz": "says up or down, and nothing else",
    "readyz": "says ready or not, and nothing else",
    "login/": "the way in",
    "api/v1/auth/login/": "the way in",
    "agent/v1/leadership": "who leads is asked by nodes that do not know whom to trust yet",
    "agent/v1/enrol": "a machine that joins proves itself by its code and its key",
}
"""Routes that answer strangers, and why."""

AGENTS = {
    "agent/v1/sync": "an agent proves itself by its key, and people do not",
    "agent/v1/farewell": "so does one that was removed",
    "agent/v1/prepare": "the leader proves itself by its key",
    "agent/v1/lead": "so does the one that hands over",
}
"""Routes that people have no business on."""

PASSWORD_CHANGE = {
    "/account/password/",
    "/api/v1/account/password/",
    "/logout/",
    "/api/v1/auth/logout/",
}
"""All that is open before the first password was changed."""

SECOND_FACTOR = PASSWORD_CHANGE | {
    "/account/two-factor/",
    "/api/v1/account/totp/",
    "/api/v1/account/proof/",
}
"""All that is open to somebody whom the cluster asks for a second factor, and who has none; beside
the wizard's second step, which leads to its first while no key waits.
"""

CHANGES = tuple(method for method in METHODS if method != "get")


SHARED_CODES = {
    "node_not_found": "404 to people, and 401 to a node that is no longer a member",
}
"""Codes that two errors have, and why."""


def people_routes() -> list[Route]:
    return [route for route in all_routes() if route.pattern not in OPEN | AGENTS]


def api_routes() -> list[Route]:
    return [route for route in people_routes() if route.pattern.startswith("api/")]


def visitor() -> Client:
    """A browser on another machine."""
    return Client(REMOTE_ADDR="198.51.100.1")


def answers(client: Client, route: Route, *methods: str) -> dict[str, Any]:
    """What each method is answered, by its name."""
    return {method: getattr(client, method)(route.path) for method in methods}


def let_in(asked: dict[str, Any]) -> list[str]:
    """Methods that were answered neither by a refusal nor by the login page."""
    return [method for method, answer in asked.items() if not is_sent_away(answer)]


def is_refused(answer: Any) -> bool:
    return bool(answer.status_code == 403)


def wants_password_change(answer: Any) -> bool:
    return is_refused(answer) or answer.headers.get("Location") == "/account/password/"


def wants_second_factor(answer: Any) -> bool:
    location = answer.headers.get("Location")
    return is_refused(answer) or location == "/account/two-factor/"


def is_sent_away(answer: Any) -> bool:
    location = answer.headers.get("Location", "")
    return answer.status_code in (401, 403) or location.startswith("/login/")


@pytest.fixture(autouse=True)
def _leading_without_throttles(node_file: Path) -> Iterator[None]:
    """All routes are there on a leader."""
    cache.clear()
    yield
    cache.clear()


each_route = pytest.mark.parametrize("route", people_routes(), ids=lambda r: r.pattern)
each_api_route = pytest.mark.parametrize("route", api_routes(), ids=lambda r: r.pattern)


@pytest.mark.django_db
@each_route
def test_stranger_is_sent_away(route: Route) -> None:
    assert let_in(answers(visitor(), route, *METHODS)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", AGENTS)
def test_stranger_is_no_agent(pattern: str) -> None:
    assert visitor().post(f"/{pattern}").status_code in (400, 401)


@pytest.mark.django_db
@each_route
def test_auditor_changes_nothing_but_their_own_account(route: Route) -> None:
    client = visitor()
    log_in_directly(client, make_auditor())

    refused = {m for m, answer in answers(client, route, *CHANGES).items() if is_refused(answer)}

    assert refused == (set() if route.is_own_account else set(CHANGES))


@pytest.mark.django_db
@each_route
def test_session_without_its_second_factor_is_sent_away(route: Route) -> None:
    """S49: the password alone opens no page and no endpoint."""
    ann = make_administrator("ann")
    enable_totp(ann)
    client = visitor()
    client.force_login(ann)

    assert let_in(answers(client, route, *METHODS)) == []


@pytest.mark.django_db
@each_route
def test_wrong_network_is_sent_away(route: Route) -> None:
    client = visitor()
    client.force_login(make_administrator("ann", allowed_networks=["192.0.2.0/24"]))

    assert let_in(answers(client, route, *METHODS)) == []


@pytest.mark.django_db
@each_route
def test_first_password_opens_only_its_change(route: Route) -> None:
    client = visitor()
    client.force_login(make_administrator("ann", must_change_password=True))

    asked = answers(client, route, *METHODS)

    closed = {method for method, answer in asked.items() if wants_password_change(answer)}
    assert closed == (set() if route.path in PASSWORD_CHANGE else set(METHODS))


@pytest.mark.django_db
@each_route
def test_required_second_factor_opens_only_its_wizard(route: Route) -> None:
    change_policy(actor=Actor.root(), second_factor_required=True)
    client = visitor()
    log_in_directly(client, make_administrator("ann"))

    asked = answers(client, route, *METHODS)

    closed = {method for method, answer in asked.items() if wants_second_factor(answer)}
    assert closed == (set() if route.path in SECOND_FACTOR else set(METHODS))


@pytest.mark.django_db
@each_api_route
def test_read_only_token_changes_nothing(route: Route) -> None:
    client = named_client(make_administrator("ann"), read_only=True)

    asked = answers(client, route, *CHANGES)

    assert {answer.status_code for answer in asked.values()} == {403}


@pytest.mark.django_db
@each_api_route
def test_deleted_administrators_token_opens_nothing(route: Route) -> None:
    client = api_client(make_administrator("ann"))
    Administrator.objects.all().delete()

    assert let_in(answers(client, route, *METHODS)) == []


@pytest.mark.django_db
@each_route
def test_administrator_is_never_met_by_a_crash(route: Route) -> None:
    client = visitor()
    client.force_login(make_administrator("ann"))

    assert answers(client, route, "get")["get"].status_code < 500


def test_every_open_route_exists() -> None:
    """A reason for a route that is gone must go too."""
    assert set(OPEN) | set(AGENTS) <= {route.pattern for route in all_routes()}


def domain_errors(kind: type[DomainError] = DomainError) -> set[type[DomainError]]:
    """Every error below ``kind``."""
    below = set(kind.__subclasses__())
    return below.union(*(domain_errors(each) for each in below))


def own_errors() -> list[type[DomainError]]:
    """Those of the project that are raised, not only inherited from."""
    return [
        error
        for error in domain_errors()
        if error not in KINDS and error.__module__.partition(".")[0] in APPS
    ]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = Counter(error.code for error in own_errors() if "code" in vars(error))

    assert {code for code, times in codes.items() if times > 1} == set(SHARED_CODES)


@pytest.mark.parametrize("error", own_errors(), ids=lambda error: error.__name__)
def test_error_speaks(error: type[DomainError]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", error.code)
    assert error.message.strip()
    assert 400 <= error.status < 600


@pytest.mark.parametrize("action", list(AuditAction), ids=str)
def test_action_has_a_dotted_name_and_a_sentence(action: AuditAction) -> None:
    assert re.fullmatch(r"[a-z][a-z_]*(\.[a-z][a-z_]*)+", action.value)
    assert " " in action.label
    assert action.label[0].islower()
    assert not action.label.endswith(".")


def test_sentences_differ() -> None:
    sentences = Counter(action.label for action in AuditAction)

    assert [sentence for sentence, times in sentences.items() if times > 1] == []


def source_of(*folders: str) -> str:
    """All Python below ``folders``."""
    root = Path(settings.BASE_DIR)
    files = (path for folder in folders for path in (root / folder).rglob("*.py"))
    return "\n".join(path.read_text() for path in files)


def test_every_action_is_recorded_somewhere() -> None:
    code = source_of(*APPS)

    unrecorded = {action.name for action in AuditAction if f"AuditAction.{action.name}" not in code}
    assert unrecorded == set()


def test_every_command_is_tested() -> None:
    ours = {name for name, app in get_commands().items() if app in APPS}
    tests = source_of("tests")

    assert sorted(name for name in ours if f'"{name}"' not in tests) == []
