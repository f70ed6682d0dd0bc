"""The cluster's label: pure validation."""

from cluster.errors import LabelInvalid

LABEL_LENGTH = 64


def parse_label(text: str, *, field: str = "label") -> str:
    """A label for people: printable, at most 64 characters, not blank."""
    label = text.strip()
    if not label or len(label) > LABEL_LENGTH or not label.isprintable():
        raise LabelInvalid(field=field)
    return label
