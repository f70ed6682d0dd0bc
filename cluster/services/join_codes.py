"""Join codes: made, revoked, and used once."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster import codes, identity
from cluster.errors.joining import JoinCodeLifetimeInvalid, JoinCodeStateConflict
from cluster.models import JoinCode
from cluster.services.queries import get_leader, require_cluster

DEFAULT_TTL = 3600
SHORTEST_TTL = 60
LONGEST_TTL = 7 * 86_400
SECRET_BYTES = 16


@transaction.atomic
def create_join_code(*, actor: Actor, ttl_seconds: int = DEFAULT_TTL) -> tuple[JoinCode, str]:
    """A code for one worker, and its text, which is not kept: only a digest of the secret is.

    Raises ``JoinCodeLifetimeInvalid``, ``ClusterNotCreated``.
    """
    if not SHORTEST_TTL <= ttl_seconds <= LONGEST_TTL:
        raise JoinCodeLifetimeInvalid(
            field="ttl_seconds", shortest=SHORTEST_TTL, longest=LONGEST_TTL
        )
    secret = secrets.token_urlsafe(SECRET_BYTES)
    now = timezone.now().replace(microsecond=0)
    join_code = JoinCode.objects.create(
        secret_digest=digest_of(secret),
        created_by=actor.name,
        created_at=now,
        expires_at=now + timedelta(seconds=ttl_seconds),
    )
    text = _write(join_code, secret=secret)
    target = join_code.audit_target
    details = {"expires_at": join_code.expires_at.isoformat()}
    record(AuditAction.JOIN_CODE_CREATED, actor=actor, target=target, details=details)
    return join_code, text


def _write(join_code: JoinCode, *, secret: str) -> str:
    leader = get_leader()
    return codes.encode(
        codes.JoinCodeText(
            urls=identity.console_urls(first=leader.console_url),
            tls_fingerprint=leader.tls_fingerprint,
            cluster=str(require_cluster().uuid),
            id=str(join_code.pk),
            secret=secret,
            expires=join_code.expires_at,
        )
    )


@transaction.atomic
def revoke_join_code(join_code: JoinCode, *, actor: Actor) -> None:
    """Make a code useless; a second time is no error. Raises ``JoinCodeStateConflict`` if used."""
    unrevoked = JoinCode.objects.filter(pk=join_code.pk, revoked_at=None)
    if unrevoked.filter(used_by="").update(revoked_at=timezone.now()):
        record(AuditAction.JOIN_CODE_REVOKED, actor=actor, target=join_code.audit_target)
    elif unrevoked.exists():
        raise JoinCodeStateConflict(state=JoinCode.State.USED)
    join_code.refresh_from_db()


def digest_of(secret: str) -> str:
    """SHA-256: the secret has 128 random bits, so that nothing slower would add anything."""
    return hashlib.sha256(secret.encode()).hexdigest()


def knows_secret(join_code: JoinCode | None, secret: str) -> bool:
    """Whether ``secret`` is this code's, in a time that tells nothing, not even that it exists."""
    expected = join_code.secret_digest if join_code else digest_of("")
    return hmac.compare_digest(expected, digest_of(secret)) and join_code is not None
