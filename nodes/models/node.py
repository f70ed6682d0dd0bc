"""One machine of the cluster, as the leader knows it."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actor import Target
from nodes.errors import NodeStateConflict

OFFLINE_AFTER = timedelta(seconds=8)
"""Two syncs may be lost, or one be slow, before a node is shown offline."""


class NodeQuerySet(models.QuerySet["Node"]):
    def members(self) -> "NodeQuerySet":
        """Nodes that hold an id, an address and a key now: joining, active or being removed."""
        return self.exclude(state=Node.State.REMOVED)


class Node(models.Model):
    """One machine. Its id is given once and never again; its VPN address may be given again."""

    class State(models.TextChoices):
        JOINING = "joining", _("joining")
        ACTIVE = "active", _("active")
        REMOVING = "removing", _("removing")
        REMOVED = "removed", _("removed")

    class Role(models.TextChoices):
        LEADER = "leader", _("Leader")
        WORKER = "worker", _("Worker")

    class Status(models.TextChoices):
        """What people see: the state, and for an active node whether it is heard from."""

        JOINING = "joining", _("joining")
        ONLINE = "online", _("online")
        OFFLINE = "offline", _("offline")
        REMOVING = "removing", _("removing")
        REMOVED = "removed", _("removed")

    TRANSITIONS = {
        State.JOINING: {State.ACTIVE},
        State.ACTIVE: {State.REMOVING},
        State.REMOVING: {State.REMOVED},
        State.REMOVED: set[State](),
    }

    id = models.PositiveIntegerField(primary_key=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.JOINING)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.WORKER)
    fqdn = models.CharField(max_length=253)
    label = models.CharField(max_length=64, blank=True)
    vpn_address = models.GenericIPAddressField(protocol="IPv4", null=True)
    endpoint = models.CharField(max_length=260, blank=True)
    console_url = models.CharField(max_length=300)
    wireguard_key = models.CharField(max_length=64)
    identity_key = models.CharField(max_length=64)
    sealing_key = models.CharField(max_length=80)
    tls_fingerprint = models.CharField(max_length=64)
    eligible = models.BooleanField(default=True)
    version = models.CharField(max_length=32, blank=True)
    distribution = models.CharField(max_length=100, blank=True)
    joined_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = NodeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["role"], condition=Q(role="leader"), name="nodes_one_leader"
            ),
            models.UniqueConstraint(
                fields=["fqdn"], condition=~Q(state="removed"), name="nodes_fqdn_once"
            ),
            models.UniqueConstraint(
                fields=["vpn_address"], condition=~Q(state="removed"), name="nodes_address_once"
            ),
            models.UniqueConstraint(
                fields=["identity_key"], condition=~Q(state="removed"), name="nodes_identity_once"
            ),
            models.UniqueConstraint(
                fields=["wireguard_key"], condition=~Q(state="removed"), name="nodes_wireguard_once"
            ),
        ]

    def __str__(self) -> str:
        return f"node{self.id} ({self.fqdn})"

    @property
    def status(self) -> "Node.Status":
        """``online`` while the last contact is fresh; other states speak for themselves."""
        if self.state != Node.State.ACTIVE:
            return Node.Status(self.state)
        last = self.last_contact
        fresh = last is not None and timezone.now() - last < OFFLINE_AFTER
        return Node.Status.ONLINE if fresh else Node.Status.OFFLINE

    @property
    def last_contact(self) -> datetime | None:
        """When the leader last heard of it; None for never."""
        contact = getattr(self, "contact", None)
        return None if contact is None else contact.last_contact

    @property
    def audit_target(self) -> Target:
        return Target(kind="node", id=str(self.id), label=str(self), node=self.id)

    def transition_to(self, target: "Node.State") -> None:
        """Move to ``target``, or raise if this row is no longer where we read it."""
        refused = NodeStateConflict(node=self.fqdn, state=self.state, target=target)
        if target not in self.TRANSITIONS[Node.State(self.state)]:
            raise refused
        if not Node.objects.filter(pk=self.pk, state=self.state).update(state=target):
            raise refused
        self.state = target
