"""What operations store and nodes say in English sentences, for pages in another language.

Each is what the code says, with names in the place of its values.
"""

from cluster.models import Operation
from cluster.sentences import catalogue, nodes, operations, preflight, reasons
from config.sentences import in_english, remember

LABELS = tuple(in_english(label) for label in Operation.Kind.labels)
"""Named by the refusal of another operation."""

ALL = (
    *operations.FOLLOW_UPS,
    *operations.STEPS,
    *operations.JOINING,
    *reasons.REASONS,
    *nodes.WORDS,
    *nodes.NODES,
    *nodes.APPLICATIONS,
    *nodes.DEFINITIONS,
    *preflight.PREFLIGHT,
)


def remember_all() -> None:
    """So that pages recognise them."""
    remember((*ALL, *nodes.COMPOSED, *catalogue.CATALOGUE, *LABELS))
