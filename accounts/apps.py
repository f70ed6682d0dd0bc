"""Administrators: accounts, second factors, sessions, tokens, and the access rule."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Administrators"

    def ready(self) -> None:
        from two_factor.plugins.registry import registry

        from accounts import schema  # noqa: F401  # registers itself
        from accounts.methods import AuthenticatorMethod

        registry.register(AuthenticatorMethod())
