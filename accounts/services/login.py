"""Logging in: the same steps and the same answers for page and API (S49).

Unknown user, wrong password, wrong code and blocked network are told apart in the audit trail only.
"""

from typing import NoReturn

from django.contrib import auth
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from accounts import proofs
from accounts.actors import BY_PASSKEY, client_address, proven, stranger
from accounts.errors import AuthenticationFailed, PasskeyNotAccepted, TooManyAttempts
from accounts.failed_logins import record_failed_login
from accounts.guesses import try_password
from accounts.models import Administrator, ApiToken, Passkey, Session
from accounts.networks import is_allowed
from accounts.services.both_factors import record_refusal
from accounts.services.codes import Verdict, judge_code
from accounts.services.tokens import create_login_token
from accounts.sessions import open_session
from accounts.token_addresses import note_home
from accounts.webauthn.answers import Answer, Reason, accept_proof, claim
from accounts.webauthn.challenges import Purpose
from audit.actions import AuditAction
from audit.actor import Actor, Verified
from audit.services import record


def check_password(request: HttpRequest, *, username: str, password: str) -> Administrator:
    """The first factor; raises ``AuthenticationFailed`` or ``TooManyAttempts``."""
    try:
        found = try_password(request, username=username, password=password)
    except TooManyAttempts:
        record_failed_login(actor=stranger(request, name=username), reason="too many attempts")
        raise
    if found is None:
        _refuse(request, username=username, reason="password")
    _check_network(request, found)
    return found


def check_code(request: HttpRequest, administrator: Administrator, *, code: str) -> None:
    """The second factor, where there is one; raises ``AuthenticationFailed``."""
    if not administrator.two_factor:
        return
    _check_network(request, administrator)
    username = administrator.username
    if not code:
        _refuse(request, username=username, reason="no code")
    actor = proven(request, name=username, verified=Verified.PASSWORD)
    verdict = judge_code(administrator, actor=actor, code=code)
    if verdict != Verdict.RIGHT:
        _refuse(request, username=username, reason=f"{verdict} code")


def check_passkey(request: HttpRequest, administrator: Administrator, *, answer: Answer) -> Passkey:
    """A passkey in the code's place; raises ``AuthenticationFailed``.

    No failure counts against its owner: nobody guesses signatures.
    """
    _check_network(request, administrator)
    try:
        return accept_proof(claim(administrator, answer=answer, purpose=Purpose.PROVE))
    except PasskeyNotAccepted as refused:
        if refused.reason == Reason.COUNTER:
            actor = proven(request, name=administrator.username, verified=Verified.PASSWORD)
            record_refusal(administrator, actor=actor, refused=refused)
        _refuse(request, username=administrator.username, reason=f"passkey: {refused.reason}")


@transaction.atomic
def log_in(request: HttpRequest, administrator: Administrator) -> None:
    """Open a session for somebody who has proved every factor.

    ``failures_before_login`` says then how often others, or the same, had failed to.
    """
    auth.login(request, administrator)
    open_session(request)
    proofs.note(request)
    request.session[BY_PASSKEY] = administrator.came_by_passkey
    request.session.save()
    _settle_failures(administrator)
    _record_success(request, administrator)


@transaction.atomic
def log_in_for_token(request: HttpRequest, administrator: Administrator) -> tuple[ApiToken, str]:
    """The API's way: a token in the session's place; returns it and its text."""
    user_logged_in.send(sender=Administrator, request=request, user=administrator)
    token, text = create_login_token(
        administrator, user_agent=request.META.get("HTTP_USER_AGENT", "")
    )
    note_home(token, request)
    _settle_failures(administrator)
    _record_success(request, administrator)
    return token, text


@transaction.atomic
def log_out(request: HttpRequest, *, actor: Actor, token: ApiToken | None = None) -> None:
    """End the session, or the token, that the request came with."""
    if token is not None:
        token.delete()
    else:
        Session.objects.filter(session_key=request.session.session_key).delete()
        auth.logout(request)
    record(AuditAction.LOGGED_OUT, actor=actor)


def _check_network(request: HttpRequest, administrator: Administrator) -> None:
    """At each step: the second need not come from where the first did."""
    if not is_allowed(client_address(request), administrator.allowed_networks):
        _refuse(request, username=administrator.username, reason="network")


def _settle_failures(administrator: Administrator) -> None:
    """Begin to count anew, and keep what was counted for its owner to see."""
    Administrator.objects.filter(pk=administrator.pk).update(
        failures_before_login=F("failures_since_login"), failures_since_login=0
    )
    administrator.refresh_from_db(fields=["failures_before_login", "failures_since_login"])


def _record_success(request: HttpRequest, administrator: Administrator) -> None:
    factors = Verified.PASSWORD_AND_CODE if administrator.two_factor else Verified.PASSWORD
    if administrator.came_by_passkey:
        factors = Verified.PASSWORD_AND_PASSKEY
    record(
        AuditAction.LOGIN_SUCCEEDED,
        actor=proven(request, name=administrator.username, verified=factors),
        target=administrator.audit_target,
        details={"second_factor": administrator.two_factor},
    )


def _refuse(request: HttpRequest, *, username: str, reason: str) -> NoReturn:
    record_failed_login(actor=stranger(request, name=username), reason=reason)
    raise AuthenticationFailed()
