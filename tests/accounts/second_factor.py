"""Steps of the second factor's tests."""

from base64 import b32decode
from typing import Any

from tests.accounts.authenticator_app import AuthenticatorApp
from tests.accounts.factories import PASSWORD

PATH = "/api/v1/account/totp/"


def begin(client: Any) -> AuthenticatorApp:
    """Ask for a key and put it into an application."""
    answer = client.post(PATH, {"password": PASSWORD}, format="json")
    assert answer.status_code == 200, answer.json()
    return AuthenticatorApp(b32decode(answer.json()["secret"]))
