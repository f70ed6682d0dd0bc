"""The smallest valid accounts, and programs and browsers that are logged in as them."""

from typing import Any

from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Administrator
from accounts.proofs import PROVED_AT
from accounts.services.second_factor import begin_totp, confirm_totp
from accounts.services.tokens import create_login_token, create_token
from audit.actor import Actor
from tests.accounts.authenticator_app import AuthenticatorApp

PASSWORD = "correct horse battery"
NEW_PASSWORD = "staple the battery"


def make_administrator(username: str = "ann", **values: Any) -> Administrator:
    """An administrator whose password is ``PASSWORD`` and need not be changed."""
    administrator = Administrator(username=username, **values)
    administrator.set_password(PASSWORD)
    administrator.save()
    return administrator


def make_auditor(username: str = "otto") -> Administrator:
    return make_administrator(username, role=Administrator.Role.AUDITOR)


def people() -> set[str]:
    """Everybody's user name."""
    return set(Administrator.objects.values_list("username", flat=True))


def enable_totp(administrator: Administrator) -> tuple[AuthenticatorApp, list[str]]:
    """Switch the second factor on; returns the person's application and recovery codes.

    The code of the last half minute is used up by it, the present one is not.
    """
    actor = Actor.system()
    begun = begin_totp(administrator, actor=actor, password=PASSWORD)
    application = AuthenticatorApp(begun.key)
    codes = confirm_totp(administrator, actor=actor, otp=application.code(steps_ago=1))
    return application, codes


def api_client(administrator: Administrator) -> APIClient:
    """A program with a token of a login."""
    _, text = create_login_token(administrator, user_agent="")
    return client_with(text)


def named_client(administrator: Administrator, **values: Any) -> APIClient:
    """A program with a token that was made on purpose."""
    _, text = create_token(administrator, actor=Actor.system(), name="program", **values)
    return client_with(text)


def client_with(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def login(client: APIClient | None = None, **values: Any) -> Any:
    """Ask ``auth/login`` for a token."""
    client = client or APIClient()
    return client.post("/api/v1/auth/login/", {"password": PASSWORD, **values}, format="json")


def codes_of(response: Any) -> list[str]:
    """The codes of an API error."""
    return [error["code"] for error in response.json()["errors"]]


def browser(administrator: Administrator | None = None) -> Client:
    """A browser, logged in by the page if there is somebody to log in."""
    client = Client(HTTP_USER_AGENT="Firefox")
    if administrator is not None:
        answer = submit_password(client, username=administrator.username)
        assert answer.status_code == 302, answer.content
    return client


def log_in_directly(client: Client, administrator: Administrator) -> None:
    """Without the login page, with a proof as fresh as if it had been filled in."""
    client.force_login(administrator)
    session = client.session
    session[PROVED_AT] = timezone.now().isoformat()
    session.save()


def submit_password(client: Client, *, username: str, password: str = PASSWORD) -> Any:
    """Fill in the login page's first step."""
    return client.post(
        "/login/",
        {
            "login_page-current_step": "auth",
            "auth-username": username,
            "auth-password": password,
        },
    )


def submit_code(client: Client, code: str) -> Any:
    """Fill in its second step."""
    return client.post("/login/", {"login_page-current_step": "token", "token-otp": code})
