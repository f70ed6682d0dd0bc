"""Labels, and the names and endpoints of nodes: pure validation (S10, S31, S32)."""

from cluster.errors import LabelInvalid
from nodes.names import parse_endpoint, parse_fqdn

__all__ = ["parse_endpoint", "parse_fqdn", "parse_label"]
LABEL_LENGTH = 64


def parse_label(text: str, *, field: str = "label") -> str:
    """A label for people: printable, at most 64 characters, not blank."""
    label = text.strip()
    if not label or len(label) > LABEL_LENGTH or not label.isprintable():
        raise LabelInvalid(field=field)
    return label
