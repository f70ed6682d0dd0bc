"""How far the trail has left its table: there the table's first event goes on."""

from audit.chain import GENESIS
from audit.models import Archive
from audit.verification import Place


def archived_until() -> int:
    """Id of the last event that an archive has; 0 for none."""
    return Archive.objects.order_by("-last_id").values_list("last_id", flat=True).first() or 0


def beginning() -> Place:
    """Before the first event that is in the table for good."""
    last = Archive.objects.order_by("-last_id").first()
    return Place(last.last_id, last.last_hash) if last else Place(0, GENESIS)
