"""A token that is used from somewhere new is told in the audit trail, once for each address."""

from ipaddress import ip_address

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from accounts.actors import client_address, proven
from accounts.models import ApiToken, TokenAddress
from accounts.networks import home_of
from audit.actions import AuditAction
from audit.actor import Verified
from audit.services import record


def is_known(address: str) -> Q:
    """Whether a token was used from ``address`` before, for the query that finds the token.

    A login's token is at home where that login was: it was told itself.
    """
    ever = TokenAddress.objects.filter(token=OuterRef("pk"))
    is_homeless = Q(kind=ApiToken.Kind.LOGIN) & ~Exists(ever)
    return is_homeless | Q(Exists(ever.filter(address=address)))


def note_home(token: ApiToken, request: HttpRequest) -> None:
    """Remember where a login's token was made."""
    TokenAddress.objects.create(token=token, address=of_request(request))


def of_request(request: HttpRequest) -> str:
    """The address that the request is remembered by; an IPv6 one by its network."""
    address = client_address(request)
    if address is None or ip_address(address).version == 4:
        return address or ""
    return str(home_of(address))


@transaction.atomic
def note_new_address(token: ApiToken, request: HttpRequest, *, address: str) -> None:
    """Remember it, and tell of it."""
    _, is_new = TokenAddress.objects.get_or_create(token=token, address=address)
    if is_new:
        actor = proven(request, name=token.user.get_username(), verified=Verified.TOKEN)
        record(AuditAction.TOKEN_USED_ELSEWHERE, actor=actor, target=token.audit_target)
