"""What has to be typed before something that cannot be taken back (S20, S35)."""

from cluster.errors import ConfirmationMismatch
from nodes.models import Node


def confirmation_of(node: Node) -> str:
    """``node3``: its number, because a label may be another node's too."""
    return f"node{node.pk}"


def check_confirmation(node: Node, typed: str) -> None:
    """Raises ``ConfirmationMismatch``."""
    expected = confirmation_of(node)
    if typed != expected:
        raise ConfirmationMismatch(field="confirmation", expected=expected)
