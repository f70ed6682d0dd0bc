"""Giving password and code again, because the last proof is too old for what is asked for."""

from django.http import HttpRequest
from rest_framework.request import Request

from accounts import proofs
from accounts.errors import AuthenticationFailed, LoginRequired, ProofNotAccepted
from accounts.models import ApiToken
from accounts.services import login
from accounts.webauthn.answers import Answer


def prove(
    request: HttpRequest | Request,
    *,
    password: str,
    otp: str = "",
    passkey: Answer | None = None,
) -> None:
    """Renew the proof of the session, or of the login's token, that ``request`` came with.

    Wrong ones count as failed logins do, under the same limits. Raises ``ProofNotAccepted``,
    ``TooManyAttempts``, or ``LoginRequired`` for a named token.
    """
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken) and token.kind == ApiToken.Kind.NAMED:
        raise LoginRequired()
    plain = request._request if isinstance(request, Request) else request
    username = request.user.get_username()
    try:
        administrator = login.check_password(plain, username=username, password=password)
        if passkey is not None:
            login.check_passkey(plain, administrator, answer=passkey)
        else:
            login.check_code(plain, administrator, code=otp)
    except AuthenticationFailed:
        raise ProofNotAccepted() from None
    proofs.note(request)
