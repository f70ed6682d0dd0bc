"""What a node last told the leader: apart from ``Node``, because it is written at every sync."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from nodes.models.node import Node


class Contact(models.Model):
    """The last sync of a node."""

    class Path(models.TextChoices):
        VPN = "vpn", _("VPN")
        PUBLIC = "public", _("public address")

    node = models.OneToOneField(Node, on_delete=models.CASCADE, primary_key=True)
    last_contact = models.DateTimeField(null=True)
    token_at = models.BigIntegerField(default=0)
    """Issue time (µs) of the last accepted agent token: an older or equal one is a replay."""
    path = models.CharField(max_length=8, choices=Path.choices, blank=True)
    source = models.GenericIPAddressField(null=True)
    term = models.PositiveIntegerField(default=0)
    generation = models.PositiveIntegerField(default=0)
    """The newest state that the node holds."""
    applied_generation = models.PositiveIntegerField(default=0)
    """The newest state that the node's interface, peers and routes match."""
    facts = models.JSONField(default=dict)
    facts_digest = models.CharField(max_length=64, blank=True)
    """As the node computed it: it sends facts again only when this differs."""
    health = models.JSONField(default=dict)
    inventory_digest = models.CharField(max_length=64, blank=True)
    """As the node computed it: it sends its applications again only when this differs."""
    farewell_at = models.DateTimeField(null=True)
    """When a removed node was told so and had confirmed it; null for never."""

    def __str__(self) -> str:
        return f"contact with node{self.node_id}"
