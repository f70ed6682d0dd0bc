"""Tells whoever replicates nodes that something of theirs has changed; who, it does not know."""

from config.announcing import Announcement

changed = Announcement()
"""Say, inside the transaction, that what the state says of nodes has changed."""
