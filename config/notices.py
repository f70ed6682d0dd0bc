"""What needs attention on every page: who leads, operations, a silent agent, a VPN that is off."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.forwarding.service import long_away
from cluster import claims
from cluster.models import BackupSettings, Operation
from cluster.services import log_forwarding
from cluster.services.backup_status import is_overdue
from cluster.views.local_status import agent_status
from cluster.views.words import operation_title
from nodes.role import NodeIdentity, Role, current


@dataclass(frozen=True, slots=True)
class Link:
    """Where a notice leads."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A banner above the content of a page; not shown on the page that it is all about."""

    meaning: str
    title: str
    text: str = ""
    links: tuple[Link, ...] = ()
    progress: int | None = None
    page: str = ""


def collect(operations: Iterable[Operation]) -> list[Notice]:
    """Everything that needs attention now, what is wrong first, and the open operations."""
    present = current()
    if present.role == Role.DEPOSED:
        return [_deposed(present)]
    contested = [_contested(present)] if present.is_contested else []
    lacking = [*_agent(present), *_forwarding(), *_log_forwarding(), *_backup(present)]
    return [*contested, *lacking, *map(_running, operations)]


def _deposed(present: NodeIdentity) -> Notice:
    successor = present.successor or {}
    number, fqdn, url = (successor.get(name, "") for name in ("id", "fqdn", "console_url"))
    return Notice(
        "danger",
        "This node no longer leads the cluster.",
        f"node{number} ({fqdn}) does. Here you can look, and change nothing.",
        links=tuple(_ways_from_deposed(number, url)),
    )


def _ways_from_deposed(number: object, url: str) -> Iterator[Link]:
    if url:
        yield Link(url, f"Open node{number}'s console")
    yield Link(reverse("follow_leader"), f"Have this node follow node{number}")


def _contested(present: NodeIdentity) -> Notice:
    follow = reverse("follow_leader")
    others = claims.leaders(present)
    return Notice(
        "danger",
        "Another node claims to lead this cluster.",
        f"{claims.in_words(present)} Changes are suspended until you decide.",
        links=(
            *(Link(f"{follow}?node={node}", f"Follow node{node}") for node in others),
            Link(reverse("reassert_leader"), f"Keep node{present.node_id} as the leader"),
        ),
    )


def _backup(present: NodeIdentity) -> list[Notice]:
    """S27: nothing while nobody has asked for backups."""
    settings = BackupSettings.load() if present.is_leader else None
    if settings is None or not is_overdue(settings, timezone.now()):
        return []
    page = reverse("backup")
    newest = f" It was made at {settings.last_good_at:%F %R} UTC." if settings.last_good_at else ""
    return [
        Notice(
            "danger",
            "The newest good backup is older than two days." if newest else "There is no backup.",
            f"{newest} Look at what failed, and back up now.".strip(),
            links=(Link(page, "Open Backup"),),
            page=page,
        )
    ]


def _running(operation: Operation) -> Notice:
    undoing = "It failed and is being undone." if operation.undoing else "In progress."
    url = reverse("operation", args=[operation.pk])
    return Notice(
        "info",
        f"{operation_title(operation)}.",
        undoing,
        links=(Link(url, "Follow it"),),
        progress=operation.progress,
        page=url,
    )


def _agent(present: NodeIdentity) -> list[Notice]:
    status = agent_status()
    if status is None:
        return [
            Notice(
                "danger",
                "This node's agent does not answer.",
                "Changes wait until it runs again. It is started again by itself; "
                "if this stays, look at its log.",
            )
        ]
    return _vpn(status["vpn"]) if present.role in (Role.LEADER, Role.WORKER) else []


def _forwarding() -> list[Notice]:
    """That the audit trail's receiver takes nothing, when that lasts."""
    standing = long_away()
    if standing is None:
        return []
    return [
        Notice(
            "warning",
            "The syslog receiver does not take the audit trail.",
            f"{standing.behind} events wait. {standing.place.error_detail}",
            links=(Link(reverse("audit_forwarding"), "See its settings"),),
        )
    ]


def _log_forwarding() -> list[Notice]:
    """That the receiver of the logs takes nothing, when that lasts."""
    progress = log_forwarding.long_away()
    if progress is None:
        return []
    return [
        Notice(
            "warning",
            _("The syslog receiver does not take the logs."),
            progress.error_detail,
            links=(Link(reverse("log_forwarding"), _("See its settings")),),
        )
    ]


def _vpn(vpn: Mapping[str, Any]) -> list[Notice]:
    match vpn["state"]:
        case "off":
            text = f"{vpn['reason'] or ''} Nodes use their public addresses; all else works."
            return [Notice("warning", "The VPN is off on this node.", text.strip())]
        case "failed":
            return [Notice("danger", "The VPN of this node does not work.", vpn["reason"] or "")]
        case _:
            return []
