"""The table: an action, the way in by which it is done, and who does it for the test."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.conf import settings

from audit.actions import AuditAction
from audit.actor import Interface
from tests.audit.registry.world import ADDRESS, BROWSER, PROGRAM, SUDO, World


@dataclass(frozen=True)
class Expected:
    """The one event that a deed leaves; who it was follows from the way in, unless said here.

    ``details`` names all that may be in the details.
    """

    target: tuple[str, str] = ("", "")
    details: str = ""
    outcome: str = "ok"
    operation: UUID | None = None
    user: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def fields(self, interface: Interface) -> dict[str, Any]:
        """What the event has to say."""
        said = {
            **WHO[interface](),
            "interface": interface,
            "outcome": self.outcome,
            "target_kind": self.target[0],
            "target_id": self.target[1],
            "operation": self.operation,
        }
        return said | ({"user": self.user} if self.user else {}) | self.more


def _person(verified: str, program: str) -> dict[str, Any]:
    return {
        "user": "ann",
        "user_kind": "administrator",
        "verified": verified,
        "source": ADDRESS,
        "user_agent": program,
    }


def _root() -> dict[str, Any]:
    return {
        "user": f"root@{settings.FLOTILLA.FQDN}",
        "user_kind": "root",
        "verified": "root shell",
        "source": "",
        "user_agent": f"sudo by {SUDO}",
    }


def _system() -> dict[str, Any]:
    return {
        "user": "system",
        "user_kind": "system",
        "verified": "",
        "source": "",
        "user_agent": "",
    }


WHO: dict[Interface, Callable[[], dict[str, Any]]] = {
    Interface.CONSOLE: lambda: _person("password", BROWSER),
    Interface.API: lambda: _person("token", PROGRAM),
    Interface.COMMAND: _root,
    Interface.AGENT: lambda: {"user_kind": "node", "verified": "node key"},
    Interface.SYSTEM: _system,
}
Deed = Callable[[World], Expected]
NOT_WEB = ("command ", "api-cli ", "system ")


@dataclass(frozen=True)
class Row:
    """``way`` is a route and its method, a command, or what the system does by itself."""

    action: AuditAction
    way: str
    interface: Interface
    deed: Deed

    @property
    def request_ids(self) -> str:
        """A pattern: requests are named by the id that the log has too, and what root did on a
        worker by its own.
        """
        return ".*" if self.way.startswith(NOT_WEB) else r"[0-9a-f-]{36}|d1"


ROWS: list[Row] = []


def row(
    action: AuditAction, way: str, *, interface: Interface | None = None
) -> Callable[[Deed], Deed]:
    """Put a deed into the table; ``interface`` where the way does not say it."""

    def put(deed: Deed) -> Deed:
        ROWS.append(Row(action, way, interface or _interface(way), deed))
        return deed

    return put


def _interface(way: str) -> Interface:
    for beginning, interface in (
        ("api/", Interface.API),
        ("agent/", Interface.AGENT),
        ("command ", Interface.COMMAND),
        ("api-cli ", Interface.COMMAND),
        ("system ", Interface.SYSTEM),
    ):
        if way.startswith(beginning):
            return interface
    return Interface.CONSOLE


def by(expected: Expected, **more: Any) -> Expected:
    """The same, with these fields otherwise."""
    return replace(expected, more=expected.more | more)
