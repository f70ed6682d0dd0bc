"""What nodes say that runs on them: kept as they said it last (S14, S16, S19)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from nodes.agent import checks
from nodes.models import Application, Contact
from nodes.models.application import ABSENT

ROLE_LABEL, DOMAIN_LABEL = "flotilla.role", "flotilla.domain"
TOLD = ("image", "state", "ports", "labels", "role", "domain", "reported_at")


@dataclass(frozen=True, slots=True)
class Reported:
    """One application, in a form that was checked."""

    engine: str
    name: str
    image: str
    state: str
    ports: tuple[str, ...]
    labels: Mapping[str, str]

    @property
    def role(self) -> str:
        wanted = self.labels.get(ROLE_LABEL, "")
        return wanted if wanted in Application.Role.values else Application.Role.NONE

    @property
    def domain(self) -> str:
        """Of an account provider; a label that is no domain's name says nothing."""
        wanted = self.labels.get(DOMAIN_LABEL, "").lower().rstrip(".")
        return wanted if self.role and checks.HOST.fullmatch(wanted) else ""


@transaction.atomic
def replace_applications(
    node_id: int, reported: Sequence[Reported], *, digest: str, token_at: int
) -> None:
    """Make this the list of the node, unless it has told a newer one; what stays keeps its id.

    ``token_at`` is the time of the call's token. No actor and no audit event: the node only says
    what is.
    """
    newest = Contact.objects.filter(node_id=node_id, token_at=token_at)
    if not newest.update(inventory_digest=digest):
        return
    now = timezone.now()
    Application.objects.bulk_create(
        [_row(node_id, each, now=now) for each in reported],
        update_conflicts=True,
        unique_fields=["node", "engine", "name"],
        update_fields=TOLD,
    )
    kept = {(each.engine, each.name) for each in reported}
    known = Application.objects.filter(node_id=node_id).values_list("pk", "engine", "name")
    gone = [pk for pk, engine, name in known if (engine, name) not in kept]
    missing = Application.objects.filter(pk__in=gone)
    missing.filter(managed=True).update(state=ABSENT, ports=[], reported_at=now)
    missing.filter(managed=False).delete()


def _row(node_id: int, reported: Reported, *, now: datetime) -> Application:
    return Application(
        node_id=node_id,
        engine=reported.engine,
        name=reported.name,
        image=reported.image,
        state=reported.state,
        ports=list(reported.ports),
        labels=dict(reported.labels),
        role=reported.role,
        domain=reported.domain,
        reported_at=now,
    )
