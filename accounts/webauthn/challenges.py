"""Challenges: kept by the server, for one session and purpose, answered once in five minutes."""

from accounts.models import Administrator, PasskeyChallenge
from accounts.webauthn.console import Console

Purpose = PasskeyChallenge.Purpose


def keep(
    administrator: Administrator, *, console: Console, purpose: Purpose, rp_id: str, challenge: str
) -> None:
    """Wait for the answer to ``challenge``; those that waited too long are forgotten."""
    PasskeyChallenge.objects.filter(administrator=administrator).expired().delete()
    PasskeyChallenge.objects.create(
        administrator=administrator,
        session=console.mark,
        purpose=purpose,
        rp_id=rp_id,
        challenge=challenge,
    )


def take(
    administrator: Administrator, *, console: Console, purpose: Purpose, challenge: str
) -> PasskeyChallenge | None:
    """The challenge as it was asked, for the first who answers it: it is gone with this."""
    asked = PasskeyChallenge.objects.waiting().filter(
        administrator=administrator, session=console.mark, purpose=purpose, challenge=challenge
    )
    found = asked.select_related("administrator").first()
    if found is None:
        return None
    deleted, _ = PasskeyChallenge.objects.filter(pk=found.pk).delete()
    return found if deleted else None
