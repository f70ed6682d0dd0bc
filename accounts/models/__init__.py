"""Administrators and what belongs to them: second factor, API tokens, sessions."""

from accounts.models.access_policy import AccessPolicy
from accounts.models.administrator import Administrator
from accounts.models.api_token import ApiToken
from accounts.models.authenticator import Authenticator, RecoveryCode
from accounts.models.failed_login import FailedLogin
from accounts.models.passkey import Passkey, PasskeyChallenge
from accounts.models.refused_access import RefusedAccess
from accounts.models.session import Session
from accounts.models.token_address import TokenAddress

__all__ = [
    "AccessPolicy",
    "Administrator",
    "ApiToken",
    "Authenticator",
    "FailedLogin",
    "Passkey",
    "PasskeyChallenge",
    "RecoveryCode",
    "RefusedAccess",
    "Session",
    "TokenAddress",
]
