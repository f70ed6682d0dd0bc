"""Administrators: accounts, second factors, sessions, tokens, and the access rule."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Administrators"
