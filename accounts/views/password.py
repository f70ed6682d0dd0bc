"""Changing one's own password (S48), of one's own will or because it must be changed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext_lazy as _

from accounts.services import change_own_password
from accounts.services.credentials import Credential
from accounts.views.page import FormPage


class OwnPasswordForm(forms.Form):
    """The current password, and the new one twice."""

    current_password = forms.CharField(
        label=_("Current password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    new_password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_(
            "At least 12 characters, and not your name, or that of the cluster or of a host. "
            "A few random words make a good one."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": 12}),
    )
    again = forms.CharField(
        label=_("New password, once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new_password", again):
            raise forms.ValidationError(_("These two are not the same."), code="not_the_same")
        return again


class PasswordPage(FormPage):
    """Asks for the current password and a new one; other sessions and tokens end."""

    is_own_account = True
    is_open_before_password_change = True
    is_open_before_second_factor = True
    form_class = OwnPasswordForm

    def get_template_names(self) -> list[str]:
        if self.administrator.must_change_password:
            return ["accounts/first_password.html"]
        return ["accounts/password.html"]

    def submit(self, form: forms.Form) -> HttpResponse:
        administrator = self.administrator
        was_forced = administrator.must_change_password
        values: dict[str, Any] = form.cleaned_data
        change_own_password(
            administrator,
            actor=self.actor,
            current_password=values["current_password"],
            new_password=values["new_password"],
            keep=Credential.of(self.request),
        )
        update_session_auth_hash(self.request, administrator)
        messages.success(self.request, _("Your password was changed."))
        return redirect(resolve_url("/" if was_forced else "account"))
