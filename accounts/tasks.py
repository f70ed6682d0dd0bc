"""Housekeeping of accounts."""

from django.utils import timezone

from accounts.denials import flush_denials
from accounts.failed_logins import flush_failed_logins
from accounts.models import ApiToken, PasskeyChallenge, Session
from config.celery import app


@app.task
def tidy_up() -> None:
    """Every minute: tell what was counted, and forget what has expired."""
    flush_failed_logins()
    flush_denials()
    now = timezone.now()
    Session.objects.filter(expire_date__lte=now).delete()
    ApiToken.objects.filter(expiry__lte=now).delete()
    PasskeyChallenge.objects.expired().delete()
