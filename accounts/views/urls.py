"""The pages of accounts."""

from django.urls import include, path

from accounts.views import (
    account,
    administrators,
    login,
    passkeys,
    password,
    policy,
    second_factor,
    tokens,
)

login_urls = [path("login/", login.LoginPage.as_view(), name="login")]

account_urls = [
    path("", account.AccountPage.as_view(), name="account"),
    path("language/", account.ChooseLanguage.as_view(), name="language"),
    path("password/", password.PasswordPage.as_view(), name="password_change"),
    path("sessions/end/", account.EndOtherSessions.as_view(), name="sessions_end_others"),
    path("sessions/<str:session_id>/end/", account.EndSession.as_view(), name="session_end"),
    path("tokens/new/", tokens.NewTokenPage.as_view(), name="token_new"),
    path("tokens/<uuid:token_id>/revoke/", tokens.RevokeTokenPage.as_view(), name="token_revoke"),
    path("passkeys/new/", passkeys.NewPasskeyPage.as_view(), name="passkey_new"),
    path(
        "passkeys/<str:passkey_id>/rename/",
        passkeys.RenamePasskeyPage.as_view(),
        name="passkey_rename",
    ),
    path(
        "passkeys/<str:passkey_id>/remove/",
        passkeys.RemovePasskeyPage.as_view(),
        name="passkey_remove",
    ),
    path("two-factor/", second_factor.BeginPage.as_view(), name="two_factor_begin"),
    path("two-factor/confirm/", second_factor.ConfirmPage.as_view(), name="two_factor_confirm"),
    path("two-factor/disable/", second_factor.DisablePage.as_view(), name="two_factor_disable"),
    path(
        "two-factor/recovery-codes/",
        second_factor.RecoveryCodesPage.as_view(),
        name="recovery_codes_renew",
    ),
]

people_urls = [
    path("", administrators.AdministratorsPage.as_view(), name="administrators"),
    path("<str:username>/", administrators.AdministratorPage.as_view(), name="administrator"),
    path(
        "<str:username>/reset-password/",
        administrators.ResetPasswordPage.as_view(),
        name="administrator_reset",
    ),
    path(
        "<str:username>/delete/",
        administrators.DeleteAdministratorPage.as_view(),
        name="administrator_delete",
    ),
]

urlpatterns = [
    path("", include((login_urls, "two_factor"))),
    path("logout/", login.LogoutPage.as_view(), name="logout"),
    path("account/", include(account_urls)),
    path(
        "settings/create-administrator/",
        administrators.NewAdministratorPage.as_view(),
        name="administrator_new",
    ),
    path("settings/administrators/", include(people_urls)),
    path("settings/tokens/", tokens.TokensPage.as_view(), name="tokens"),
    path("settings/access-policy/", policy.PolicyPage.as_view(), name="access_policy"),
]
