"""What everybody knows of this cluster, and no password may contain."""

from collections.abc import Iterator

from django.conf import settings

from cluster.models import Cluster
from nodes.models import Node


def label_and_hosts() -> Iterator[str]:
    """The cluster's label, and the host part of each node's name."""
    yield from Cluster.objects.values_list("label", flat=True)
    names = {settings.FLOTILLA.FQDN, *Node.objects.members().values_list("fqdn", flat=True)}
    yield from (name.partition(".")[0] for name in names)
