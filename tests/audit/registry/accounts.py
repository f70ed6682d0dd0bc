"""What people do with their own account."""

from base64 import b32decode
from typing import Any

from django.test import Client

from accounts.models import ApiToken, Session
from audit.actions import AuditAction as A
from tests.accounts.authenticator_app import AuthenticatorApp
from tests.accounts.factories import NEW_PASSWORD, PASSWORD, browser
from tests.audit.registry.rows import Expected, by, row
from tests.audit.registry.world import ADDRESS, PROGRAM, World

ANN = ("administrator", "ann")
SELF = Expected(ANN)
PROVED = {"verified": "password and code"}
STRANGER: dict[str, Any] = {"user_kind": "stranger", "verified": ""}
CHANGE = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
WRONG = CHANGE | {"current_password": "wrong"}


def type_password(world: World, password: str = PASSWORD, user: str = "ann") -> Any:
    world.begin()
    typed = {"auth-username": user, "auth-password": password}
    return world.stranger.post("/login/", typed | {"login_page-current_step": "auth"})


def ask_for_token(world: World, **given: str) -> Any:
    world.begin()
    body = {"username": "ann", "password": PASSWORD} | given
    client = Client(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=PROGRAM)
    return client.post("/api/v1/auth/login/", body, "application/json")


@row(A.LOGIN_SUCCEEDED, "login/ post")
def log_in(world: World) -> Expected:
    assert world.ann
    type_password(world)
    return Expected(ANN, "second_factor")


@row(A.LOGIN_SUCCEEDED, "api/v1/auth/login/ post")
def log_in_by_api(world: World) -> Expected:
    application, _ = world.with_second_factor()
    ask_for_token(world, otp=application.code())
    return by(Expected(ANN, "second_factor"), **PROVED)


@row(A.LOGIN_FAILED, "login/ post")
def fail_to_log_in(world: World) -> Expected:
    type_password(world, user="nobody")
    return by(Expected(details="attempts reason", outcome="denied", user="nobody"), **STRANGER)


@row(A.LOGIN_FAILED, "api/v1/auth/login/ post")
def fail_to_log_in_by_api(world: World) -> Expected:
    """S44: by a wrong code too."""
    world.with_second_factor()
    ask_for_token(world, otp="000000")
    return by(Expected(details="attempts reason", outcome="denied"), **STRANGER)


@row(A.RECOVERY_CODE_USED, "login/ post")
def use_recovery_code(world: World) -> Expected:
    _, codes = world.with_second_factor()
    type_password(world)
    typed = {"login_page-current_step": "token", "token-otp": codes[0]}
    world.stranger.post("/login/", typed)
    return by(Expected(ANN, "left"), verified="password")


@row(A.RECOVERY_CODE_USED, "api/v1/auth/login/ post")
def use_recovery_code_by_api(world: World) -> Expected:
    _, codes = world.with_second_factor()
    ask_for_token(world, otp=codes[0])
    return by(Expected(ANN, "left"), verified="password")


@row(A.LOGGED_OUT, "logout/ post")
def log_out(world: World) -> Expected:
    world.page("/logout/")
    return Expected()


@row(A.LOGGED_OUT, "api/v1/auth/logout/ post")
def log_out_by_api(world: World) -> Expected:
    world.api("post", "auth/logout/")
    return Expected()


@row(A.PASSWORD_CHANGED, "account/password/ post")
def change_password(world: World) -> Expected:
    world.page("/account/password/", **CHANGE, again=NEW_PASSWORD)
    return SELF


@row(A.PASSWORD_CHANGED, "api/v1/account/password/ post")
def change_password_by_api(world: World) -> Expected:
    world.api("post", "account/password/", CHANGE)
    return SELF


@row(A.PASSWORD_REFUSED, "account/password/ post")
def give_wrong_password(world: World) -> Expected:
    world.page("/account/password/", **WRONG, again=NEW_PASSWORD)
    return Expected(ANN, outcome="denied")


@row(A.PASSWORD_REFUSED, "api/v1/account/password/ post")
def give_wrong_password_by_api(world: World) -> Expected:
    world.program.post("/api/v1/account/password/", WRONG)
    return Expected(ANN, outcome="denied")


@row(A.LOGIN_FAILED, "api/v1/account/proof/ post")
def give_wrong_proof(world: World) -> Expected:
    world.login.post("/api/v1/account/proof/", {"password": "wrong"})
    return by(Expected(details="attempts reason", outcome="denied"), **STRANGER)


@row(A.TOTP_STARTED, "account/two-factor/ post")
def begin_second_factor(world: World) -> Expected:
    world.page("/account/two-factor/", password=PASSWORD)
    return SELF


@row(A.TOTP_STARTED, "api/v1/account/totp/ post")
def begin_second_factor_by_api(world: World) -> Expected:
    world.api("post", "account/totp/", {"password": PASSWORD})
    return SELF


def shown_key(world: World) -> AuthenticatorApp:
    shown = world.browser.post("/account/two-factor/", {"password": PASSWORD}, follow=True)
    return AuthenticatorApp(b32decode(shown.context["secret"]))


def given_key(world: World) -> AuthenticatorApp:
    answer = world.program.post("/api/v1/account/totp/", {"password": PASSWORD})
    return AuthenticatorApp(b32decode(answer.json()["secret"]))


@row(A.TOTP_ENABLED, "account/two-factor/confirm/ post")
def enable_second_factor(world: World) -> Expected:
    world.page("/account/two-factor/confirm/", otp=shown_key(world).code())
    return SELF


@row(A.TOTP_ENABLED, "api/v1/account/totp/ put")
def enable_second_factor_by_api(world: World) -> Expected:
    world.api("put", "account/totp/", {"otp": given_key(world).code()})
    return SELF


@row(A.TOTP_REFUSED, "account/two-factor/confirm/ post")
def give_wrong_code(world: World) -> Expected:
    shown_key(world)
    world.page("/account/two-factor/confirm/", otp="000000")
    return Expected(ANN, outcome="denied")


@row(A.TOTP_REFUSED, "api/v1/account/totp/ put")
def give_wrong_code_by_api(world: World) -> Expected:
    given_key(world)
    world.program.put("/api/v1/account/totp/", {"otp": "000000"})
    return Expected(ANN, outcome="denied")


def verified_browser(world: World) -> AuthenticatorApp:
    """Ann's session has given a code."""
    application = shown_key(world)
    world.browser.post("/account/two-factor/confirm/", {"otp": application.code(steps_ago=1)})
    return application


@row(A.TOTP_DISABLED, "account/two-factor/disable/ post")
def disable_second_factor(world: World) -> Expected:
    application = verified_browser(world)
    world.page("/account/two-factor/disable/", password=PASSWORD, otp=application.code())
    return by(SELF, **PROVED)


@row(A.TOTP_DISABLED, "api/v1/account/totp/ delete")
def disable_second_factor_by_api(world: World) -> Expected:
    application, _ = world.with_second_factor()
    world.api_of_login("delete", "account/totp/", {"password": PASSWORD, "otp": application.code()})
    return SELF


@row(A.RECOVERY_CODES_RENEWED, "account/two-factor/recovery-codes/ post")
def renew_recovery_codes(world: World) -> Expected:
    application = verified_browser(world)
    path = "/account/two-factor/recovery-codes/"
    world.page(path, password=PASSWORD, otp=application.code())
    return by(SELF, **PROVED)


@row(A.RECOVERY_CODES_RENEWED, "api/v1/account/recovery-codes/ post")
def renew_recovery_codes_by_api(world: World) -> Expected:
    application, _ = world.with_second_factor()
    world.api("post", "account/recovery-codes/", {"password": PASSWORD, "otp": application.code()})
    return SELF


def other_session(world: World) -> str:
    """Its public id."""
    before = set(Session.objects.values_list("pk", flat=True))
    browser(world.ann)
    return str(Session.objects.exclude(pk__in=before).get().public_id)


@row(A.SESSION_ENDED, "account/sessions/<str:session_id>/end/ post")
def end_session(world: World) -> Expected:
    assert world.browser
    world.page(f"/account/sessions/{other_session(world)}/end/")
    return Expected(ANN, "sessions")


@row(A.SESSION_ENDED, "account/sessions/end/ post")
def end_other_sessions(world: World) -> Expected:
    assert world.browser
    other_session(world)
    world.page("/account/sessions/end/")
    return Expected(ANN, "sessions")


@row(A.SESSION_ENDED, "api/v1/account/sessions/<str:session_id>/ delete")
def end_session_by_api(world: World) -> Expected:
    world.api("delete", f"account/sessions/{other_session(world)}/")
    return Expected(ANN, "sessions")


@row(A.SESSION_ENDED, "api/v1/account/sessions/ delete")
def end_other_sessions_by_api(world: World) -> Expected:
    other_session(world)
    world.api("delete", "account/sessions/")
    return Expected(ANN, "sessions")


@row(A.TOKEN_CREATED, "account/tokens/new/ post")
def make_token(world: World) -> Expected:
    world.page("/account/tokens/new/", name="backup", days="90")
    token = ApiToken.objects.get(name="backup")
    return Expected(("token", str(token.id)), "allowed_networks expires_at read_only")


@row(A.TOKEN_CREATED, "api/v1/tokens/ post")
def make_token_by_api(world: World) -> Expected:
    made = world.api_of_login("post", "tokens/", {"name": "backup"}).json()
    return Expected(("token", made["id"]), "allowed_networks expires_at read_only")


@row(A.TOKEN_REVOKED, "account/tokens/<uuid:token_id>/revoke/ post")
def revoke_token(world: World) -> Expected:
    assert world.program
    token = ApiToken.objects.get(name="program")
    world.page(f"/account/tokens/{token.id}/revoke/")
    return Expected(("token", str(token.id)))


@row(A.TOKEN_REVOKED, "api/v1/tokens/<uuid:id>/ delete")
def revoke_token_by_api(world: World) -> Expected:
    assert world.program
    token = ApiToken.objects.get(name="program")
    world.api("delete", f"tokens/{token.id}/")
    return Expected(("token", str(token.id)))


@row(A.TOKEN_USED_ELSEWHERE, "api/v1/account/ get")
def use_token_elsewhere(world: World) -> Expected:
    """Once, however often it comes from there."""
    world.program.defaults["REMOTE_ADDR"] = "203.0.113.9"
    world.begin()
    for _ in range(3):
        world.program.get("/api/v1/account/")
    token = ApiToken.objects.get(name="program")
    return by(Expected(("token", str(token.id))), source="203.0.113.9")


@row(A.ACCESS_DENIED, "settings/create-administrator/ post")
def be_refused_a_change(world: World) -> Expected:
    """One event for the first; what follows within a minute is counted."""
    world.ann.role = "auditor"
    world.ann.save()
    world.begin()
    for _ in range(3):
        world.browser.post("/settings/create-administrator/", {"username": "eve"})
    return Expected(details="attempts code method path", outcome="denied")


@row(A.ACCESS_DENIED, "api/v1/administrators/ post")
def be_refused_from_elsewhere(world: World) -> Expected:
    assert world.program
    world.ann.allowed_networks = ["192.0.2.0/24"]
    world.ann.save()
    world.program.post("/api/v1/administrators/", {"username": "eve"})
    return by(Expected(details="attempts code method path", outcome="denied"), source=ADDRESS)
