"""The frame around every page: navigation, the cluster's name, banners."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from cluster.models import Cluster, Operation
from config.help.links import help_for
from config.notices import Notice, collect
from config.version import VERSION
from nodes.role import NodeIdentity, Role, current


@dataclass(frozen=True, slots=True)
class Item:
    """One link of the navigation; ``current`` is the value of ``aria-current``."""

    label: str
    icon: str
    url: str
    current: str


@dataclass(frozen=True, slots=True)
class Section:
    """Links that belong together."""

    title: str
    items: list[Item]


Entries = tuple[tuple[str, str, str], ...]
ACCOUNT: Entries = (
    (_("Cluster administrators"), "administrators", "administrators"),
    (_("Account"), "account", "account"),
    (_("API tokens"), "token", "tokens"),
)
LEADER: tuple[tuple[str, Entries], ...] = (
    (
        "",
        (
            (_("Overview"), "overview", "overview"),
            (_("Nodes"), "nodes", "nodes"),
            (_("Applications"), "applications", "applications"),
            (_("Domains"), "domains", "domains"),
            (_("Operations"), "operations", "operations"),
            (_("Logs"), "logs", "logs"),
            (_("Follow-ups"), "todo", "follow_ups"),
            (_("Audit trail"), "audit", "audit"),
        ),
    ),
    (
        _("Settings"),
        (
            (_("Cluster"), "cluster", "cluster_settings"),
            *ACCOUNT,
            (_("Backup"), "restore", "backup"),
            (_("Audit retention"), "audit", "audit_retention"),
            (_("Audit forwarding"), "audit", "audit_forwarding"),
            (_("Log retention"), "logs", "log_settings"),
            (_("Log forwarding"), "logs", "log_forwarding"),
            (_("Application settings"), "applications", "application_settings"),
        ),
    ),
)
NEW_MACHINE: tuple[tuple[str, Entries], ...] = (
    ("", ((_("Welcome"), "welcome", "welcome"),)),
    (_("Settings"), ACCOUNT),
)
STRANGER: tuple[tuple[str, Entries], ...] = (("", ((_("Log in"), "account", "admin:login"),)),)
MEMBER: tuple[tuple[str, Entries], ...] = (("", ((_("This machine"), "node", "admin:index"),)),)
NAVIGATION = {Role.LEADER: LEADER, Role.DEPOSED: LEADER, Role.UNINITIALISED: NEW_MACHINE}


def url_or_nothing(name: str) -> str:
    """The URL of a named page, or nothing while there is no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


class Shell:
    """What ``console/base.html`` shows around a page, computed when asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def identity(self) -> NodeIdentity:
        return current()

    @property
    def version(self) -> str:
        return VERSION

    @property
    def place(self) -> str:
        """Where the reader is: the cluster, or what this machine is without one."""
        if self._is_for_a_stranger and self.identity.role == Role.LEADER:
            return gettext("The leader of a cluster")
        if self.identity.role == Role.WORKER:
            return gettext("Worker, node %(node)s") % {"node": self.identity.node_id}
        if self.identity.role == Role.REMOVED:
            return gettext("Removed from its cluster")
        return self.cluster.label if self.cluster else gettext("Not in a cluster")

    @property
    def role_changed(self) -> bool:
        """Whether this node had another role when the page that polls was opened."""
        return self.request.GET.get("role", self.identity.role) != self.identity.role

    @cached_property
    def cluster(self) -> Cluster | None:
        """The cluster that this node leads; strangers are not told."""
        return Cluster.objects.first() if self._knows_the_reader else None

    @cached_property
    def navigation(self) -> list[Section]:
        """Only links to pages that exist, and that this node's role serves."""
        wanted = NAVIGATION.get(self.identity.role, MEMBER)
        wanted = STRANGER if self._is_for_a_stranger and wanted is not MEMBER else wanted
        sections = [Section(gettext(title), self._items(entries)) for title, entries in wanted]
        return [section for section in sections if section.items]

    @property
    def help_url(self) -> str:
        """What the manual says about this page."""
        match = self.request.resolver_match
        return help_for((match and match.url_name) or "")

    @cached_property
    def operations(self) -> list[Operation]:
        """What is under way."""
        return list(Operation.objects.open()) if self._knows_the_reader else []

    @property
    def is_membership_changing(self) -> bool:
        """Whether an operation is under way that lets no node join, leave or be promoted."""
        beside = Operation.BESIDE_MEMBERSHIP
        return any(operation.kind not in beside for operation in self.operations)

    @cached_property
    def notices(self) -> list[Notice]:
        return collect(self.operations) if self._knows_the_reader else []

    @property
    def may_change(self) -> bool:
        """Whether buttons that change something are for this reader, here and now."""
        is_suspended = self.identity.role == Role.DEPOSED or self.identity.is_contested
        return not is_suspended and bool(getattr(self.request.user, "is_superuser", False))

    @property
    def logout_url(self) -> str:
        return url_or_nothing("logout")

    @property
    def jump_url(self) -> str:
        """Where things are looked for by name: for those who may see them."""
        return url_or_nothing("jump") if self._knows_the_reader else ""

    @property
    def _is_for_a_stranger(self) -> bool:
        return hasattr(self.request, "user") and not self.request.user.is_authenticated

    @property
    def _knows_the_reader(self) -> bool:
        return hasattr(self.request, "user") and self.request.user.is_authenticated

    def _items(self, entries: Entries) -> list[Item]:
        known = ((label, icon, url_or_nothing(name)) for label, icon, name in entries)
        return [
            Item(gettext(label), icon, url, self._current(url)) for label, icon, url in known if url
        ]

    def _current(self, url: str) -> str:
        """``page`` on the page itself, ``true`` on the pages below it."""
        if self.request.path == url:
            return "page"
        return "true" if url != "/" and self.request.path.startswith(url) else ""
