"""The one access rule: who is let in, wherever the door is (S42, S49)."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.actors import client_address
from accounts.errors import (
    NetworkNotAllowed,
    PasswordChangeRequired,
    ReadOnlyAccess,
    SecondFactorMissing,
    SecondFactorRequired,
)
from accounts.models import AccessPolicy, Administrator, ApiToken
from accounts.networks import is_allowed
from config.errors import Refused

if TYPE_CHECKING:  # it reads the settings that name this module
    from rest_framework.views import APIView


def may_enter(request: HttpRequest | Request, view: object = None) -> bool:
    """Whether ``request`` may go on to ``view``."""
    return is_logged_in(request) and refusal(request, view) is None


def is_logged_in(request: HttpRequest | Request) -> bool:
    """An account is known and active; what it may do is ``refusal``'s business."""
    return bool(request.user.is_authenticated and request.user.is_active)


def refusal(request: HttpRequest | Request, view: object = None) -> Refused | None:
    """Why somebody who is logged in may not go on to ``view``, or None.

    A view says what it is by its attributes: ``is_open_before_password_change`` and
    ``is_open_before_second_factor`` for the few that are, and ``is_own_account`` for what also
    those may change who otherwise only read.
    """
    administrator: Any = request.user
    token = getattr(request, "auth", None)
    if not _is_verified(administrator, token):
        return SecondFactorRequired()
    if not _comes_from_allowed_network(request, administrator, token):
        return NetworkNotAllowed(address=client_address(request) or "an unknown address")
    if administrator.must_change_password and not getattr(
        view, "is_open_before_password_change", False
    ):
        return PasswordChangeRequired()
    if not getattr(view, "is_open_before_second_factor", False) and lacks_second_factor(
        administrator
    ):
        return SecondFactorMissing()
    if request.method not in SAFE_METHODS and _only_reads(administrator, token, view):
        return ReadOnlyAccess()
    return None


def lacks_second_factor(administrator: Administrator) -> bool:
    """Whether the cluster asks everybody for a second factor, and this person has none."""
    is_asked = AccessPolicy.objects.filter(second_factor_required=True).exists()
    return is_asked and not administrator.two_factor


class HasAccess(BasePermission):
    """Default permission of the API."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not is_logged_in(request):
            return False
        refused = refusal(request, view)
        if refused is not None:
            raise refused
        return True


def _is_verified(administrator: Any, token: object) -> bool:
    """A token is made by a login that demanded every factor; a session says so itself."""
    if isinstance(token, ApiToken):
        return True
    return not administrator.two_factor or administrator.is_verified()


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
