"""Looking administrators up."""

from django.db.models import Count
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.errors import AdministratorNotFound
from accounts.models import Administrator
from accounts.models.administrator import AdministratorQuerySet


def everybody() -> AdministratorQuerySet:
    """All administrators, with ``has_two_factor`` and the number of their open sessions."""
    people: AdministratorQuerySet = Administrator.objects.with_two_factor()
    return people.annotate(session_count=Count("sessions", distinct=True))


def find_administrator(username: str) -> Administrator:
    """By user name; raises ``AdministratorNotFound``."""
    found = everybody().filter(username=username).first()
    if found is None:
        raise AdministratorNotFound(username=username)
    return found


def me(request: HttpRequest | Request) -> Administrator:
    """The administrator who sent ``request``, fresh from the database."""
    counted = everybody().annotate(recovery_codes_left=Count("recovery_codes", distinct=True))
    found: Administrator = counted.get(username=request.user.get_username())
    return found
