"""The audit trail's tables."""

from audit.models.archive import Archive, ImportedArchive, ImportedEvent
from audit.models.custody import Acknowledgement, Checkpoint, WitnessStatement
from audit.models.event import AuditEvent, AuditHead, AuditRound, Outcome, sentence_of
from audit.models.forwarding import Forwarding, ForwardingPlace
from audit.models.retention import Retention

__all__ = [
    "Acknowledgement",
    "Archive",
    "AuditEvent",
    "AuditHead",
    "AuditRound",
    "Checkpoint",
    "Forwarding",
    "ForwardingPlace",
    "ImportedArchive",
    "ImportedEvent",
    "Outcome",
    "Retention",
    "WitnessStatement",
    "sentence_of",
]
