"""The audit trail's tables."""

from audit.models.event import AuditEvent, AuditHead, AuditRound, Outcome, sentence_of
from audit.models.forwarding import Forwarding, ForwardingPlace
from audit.models.retention import Retention

__all__ = [
    "AuditEvent",
    "AuditHead",
    "AuditRound",
    "Forwarding",
    "ForwardingPlace",
    "Outcome",
    "Retention",
    "sentence_of",
]
