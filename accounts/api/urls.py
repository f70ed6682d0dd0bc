"""Routes below ``/api/v1/`` of accounts."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from accounts.api import (
    account,
    administrators,
    auth,
    passkeys,
    policy,
    proof,
    second_factor,
    sessions,
    tokens,
)

router = SimpleRouter(use_regex_path=False)
router.register("tokens", tokens.TokenViewSet, basename="token")
router.register("administrators", administrators.AdministratorViewSet, basename="administrator")

urlpatterns = [
    path("auth/login/", auth.LoginView.as_view(), name="api_login"),
    path("auth/logout/", auth.LogoutView.as_view(), name="api_logout"),
    path("account/", account.AccountView.as_view(), name="api_account"),
    path("account/proof/", proof.ProofView.as_view(), name="api_proof"),
    path("account/password/", account.PasswordView.as_view(), name="api_password"),
    path("account/totp/", second_factor.TotpView.as_view(), name="api_totp"),
    path(
        "account/recovery-codes/",
        second_factor.RecoveryCodesView.as_view(),
        name="api_recovery_codes",
    ),
    path("account/passkeys/", passkeys.PasskeysView.as_view(), name="api_passkeys"),
    path("account/passkeys/<str:passkey_id>/", passkeys.PasskeyView.as_view(), name="api_passkey"),
    path("account/sessions/", sessions.SessionsView.as_view(), name="api_sessions"),
    path("account/sessions/<str:session_id>/", sessions.SessionView.as_view(), name="api_session"),
    path("access-policy/", policy.AccessPolicyView.as_view(), name="api_access_policy"),
    path("", include(router.urls)),
]
