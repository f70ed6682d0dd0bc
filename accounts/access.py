"""The one access rule: who is let in, wherever the door is (S42, S49)."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import proofs
from accounts.actors import client_address
from accounts.denials import note_denial
from accounts.errors import (
    AccountGone,
    NetworkNotAllowed,
    PasswordChangeRequired,
    ProofRequired,
    ReadOnlyAccess,
    SecondFactorMissing,
    SecondFactorRequired,
)
from accounts.models import AccessPolicy, Administrator, ApiToken
from accounts.networks import is_allowed
from config.errors import DomainError

if TYPE_CHECKING:  # it reads the settings that name this module
    from rest_framework.views import APIView

NOBODY = -1
"""No account's number."""


def may_enter(request: HttpRequest | Request, view: object = None) -> bool:
    """Whether ``request`` may go on to ``view``."""
    return is_logged_in(request) and refusal(request, view) is None


def is_logged_in(request: HttpRequest | Request) -> bool:
    """An account is known and active; what it may do is ``refusal``'s business."""
    return bool(request.user.is_authenticated and request.user.is_active)


def refusal(request: HttpRequest | Request, view: object = None) -> DomainError | None:
    """Why somebody who is logged in may not go on to ``view``, or None.

    A view says what it is by its attributes: ``is_open_before_password_change`` and
    ``is_open_before_second_factor`` for the few that are, and ``is_own_account`` for what also
    those may change who otherwise only read. ``asks_for_proof`` names the methods for which
    password and code must have been given in the last minutes.
    """
    return _who_it_is(request, view) or _what_is_allowed(request, view)


def _who_it_is(request: HttpRequest | Request, view: object) -> DomainError | None:
    administrator: Any = request.user
    token = getattr(request, "auth", None)
    factors = _factors(administrator)
    if factors is None:
        return AccountGone()
    if factors.has_second and not _is_verified(administrator, token):
        return SecondFactorRequired()
    if not _comes_from_allowed_network(request, administrator, token):
        return NetworkNotAllowed(address=client_address(request) or "an unknown address")
    if administrator.must_change_password and not getattr(
        view, "is_open_before_password_change", False
    ):
        return PasswordChangeRequired()
    if factors.is_missing and not getattr(view, "is_open_before_second_factor", False):
        return SecondFactorMissing()
    return None


def _what_is_allowed(request: HttpRequest | Request, view: object) -> DomainError | None:
    administrator: Any = request.user
    token = getattr(request, "auth", None)
    if request.method not in SAFE_METHODS and _only_reads(administrator, token, view):
        return ReadOnlyAccess()
    if request.method in getattr(view, "asks_for_proof", ()) and not proofs.is_fresh(request):
        return ProofRequired()
    return None


@dataclass(frozen=True, slots=True)
class Factors:
    """Whether a person has a second factor, and whether the cluster asks everybody for one."""

    has_second: bool
    needs_second: bool

    @property
    def is_missing(self) -> bool:
        return self.needs_second and not self.has_second


def lacks_second_factor(administrator: Administrator) -> bool:
    """Whether the cluster asks everybody for a second factor, and this person has none."""
    factors = _factors(administrator)
    return factors is not None and factors.is_missing


class HasAccess(BasePermission):
    """Default permission of the API."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not is_logged_in(request):
            return False
        refused = refusal(request, view)
        if refused is not None:
            note_denial(request, refused)
            raise refused
        return True


def _factors(administrator: Administrator) -> Factors | None:
    """In one query, as it is asked of every request; None of somebody who is gone by now.

    A page's request asks twice, and nothing is kept in between: an answer could be stale.
    """
    statement, values = _question()
    with connection.cursor() as cursor:
        cursor.execute(statement, [administrator.pk if v == NOBODY else v for v in values])
        found = cursor.fetchone()
    return Factors(*map(bool, found)) if found else None


@cache
def _question() -> tuple[str, tuple[Any, ...]]:
    """What ``_factors`` asks about ``NOBODY``: Django needs fifty times as long to write it as the
    database to answer it.
    """
    asked = AccessPolicy.objects.filter(second_factor_required=True)
    people = Administrator.objects.with_two_factor().annotate(is_asked=Exists(asked)).order_by()
    query = people.filter(pk=NOBODY).values_list("has_two_factor", "is_asked").query
    statement, values = query.sql_with_params()
    return statement, tuple(values)


def _is_verified(administrator: Any, token: object) -> bool:
    """A token is made by a login that demanded every factor; a session says so itself."""
    return isinstance(token, ApiToken) or administrator.is_verified()


def _comes_from_allowed_network(
    request: HttpRequest | Request, administrator: Administrator, token: object
) -> bool:
    address = client_address(request)
    if isinstance(token, ApiToken) and not is_allowed(address, token.allowed_networks):
        return False
    return is_allowed(address, administrator.allowed_networks)


def _only_reads(administrator: Administrator, token: object, view: object) -> bool:
    if isinstance(token, ApiToken) and token.read_only:
        return True
    if administrator.role == Administrator.Role.ADMINISTRATOR:
        return False
    return not getattr(view, "is_own_account", False)
