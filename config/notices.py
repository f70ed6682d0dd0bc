"""What needs attention on every page: who leads, operations, a silent agent, a VPN that is off."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
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
from config.wording import in_words
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
        _("This node no longer leads the cluster."),
        _("node%(node)s (%(fqdn)s) does. Here you can look, and change nothing.")
        % {"node": number, "fqdn": fqdn},
        links=tuple(_ways_from_deposed(number, url)),
    )


def _ways_from_deposed(number: object, url: str) -> Iterator[Link]:
    if url:
        yield Link(url, _("Open node%(node)s's console") % {"node": number})
    yield Link(reverse("follow_leader"), _("Have this node follow node%(node)s") % {"node": number})


def _contested(present: NodeIdentity) -> Notice:
    follow, own = reverse("follow_leader"), {"node": present.node_id}
    others = claims.leaders(present)
    return Notice(
        "danger",
        _("Another node claims to lead this cluster."),
        f"{in_words(claims.in_words(present))} {_('Changes are suspended until you decide.')}",
        links=(
            *(
                Link(f"{follow}?node={each}", _("Follow node%(node)s") % {"node": each})
                for each in others
            ),
            Link(reverse("reassert_leader"), _("Keep node%(node)s as the leader") % own),
        ),
    )


def _follow(node: int) -> str:
    return _("Follow node%(node)s") % {"node": node}


def _backup(present: NodeIdentity) -> list[Notice]:
    """S27: nothing while nobody has asked for backups."""
    settings = BackupSettings.load() if present.is_leader else None
    if settings is None or not is_overdue(settings, timezone.now()):
        return []
    page = reverse("backup")
    advice = _("Look at what failed, and back up now.")
    return [
        Notice(
            "danger",
            *_newest(settings.last_good_at, advice=advice),
            links=(Link(page, _("Open Backup")),),
            page=page,
        )
    ]


def _newest(made_at: datetime | None, *, advice: str) -> tuple[str, str]:
    """Title and text."""
    if made_at is None:
        return _("There is no backup."), advice
    made = _("It was made at %(time)s UTC.") % {"time": f"{made_at:%F %R}"}
    return _("The newest good backup is older than two days."), f"{made} {advice}"


def _running(operation: Operation) -> Notice:
    undoing = _("It failed and is being undone.") if operation.undoing else _("In progress.")
    url = reverse("operation", args=[operation.pk])
    return Notice(
        "info",
        f"{operation_title(operation)}.",
        undoing,
        links=(Link(url, _("Follow it")),),
        progress=operation.progress,
        page=url,
    )


def _agent(present: NodeIdentity) -> list[Notice]:
    status = agent_status()
    if status is None:
        return [
            Notice(
                "danger",
                _("This node's agent does not answer."),
                _(
                    "Changes wait until it runs again. It is started again by itself; "
                    "if this stays, look at its log."
                ),
            )
        ]
    return _vpn(status["vpn"]) if present.role in (Role.LEADER, Role.WORKER) else []


def _forwarding() -> list[Notice]:
    """That the audit trail's receiver takes nothing, when that lasts."""
    standing = long_away()
    if standing is None:
        return []
    waiting = _("%(count)d events wait.") % {"count": standing.behind}
    return [
        Notice(
            "warning",
            _("The syslog receiver does not take the audit trail."),
            f"{waiting} {in_words(standing.place.error_detail, standing.place.error_code)}",
            links=(Link(reverse("audit_forwarding"), _("See its settings")),),
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
            in_words(progress.error_detail, progress.error_code),
            links=(Link(reverse("log_forwarding"), _("See its settings")),),
        )
    ]


def _vpn(vpn: Mapping[str, Any]) -> list[Notice]:
    match vpn["state"]:
        case "off":
            effect = _("Nodes use their public addresses; all else works.")
            text = f"{in_words(vpn['reason'] or '')} {effect}".strip()
            return [Notice("warning", _("The VPN is off on this node."), text)]
        case "failed":
            title, reason = _("The VPN of this node does not work."), vpn["reason"] or ""
            return [Notice("danger", title, in_words(reason))]
        case _:
            return []
