"""The wizard that switches the second factor on, and the way to switch it off (S50, S51)."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django_otp import login as verify_session

from accounts import proofs, totp
from accounts.access import lacks_second_factor
from accounts.models import Authenticator
from accounts.services import second_factor
from accounts.services.credentials import Credential
from accounts.views.page import FormPage

WAITING = "waiting_authenticator"
"""Session key: which key this session may show until a code confirms it."""


class ProveForm(forms.Form):
    """The password, once more."""

    password = forms.CharField(
        label="Your password",
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class ConfirmForm(forms.Form):
    """The first code of the new key."""

    otp = forms.CharField(
        label="Code",
        max_length=16,
        help_text="The six digits that the application shows now.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class ProveBothForm(ProveForm):
    """Password and code, once more."""

    otp = forms.CharField(
        label="Code",
        max_length=64,
        help_text="From your authenticator application, or a recovery code.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )


class WizardPage(FormPage):
    """A step of the wizard: the only way on for those whom the cluster asks for a second factor."""

    is_own_account = True
    is_open_before_second_factor = True
    forced_template_name: str

    @cached_property
    def is_forced(self) -> bool:
        return lacks_second_factor(self.administrator)

    def get_template_names(self) -> list[str]:
        return [self.forced_template_name] if self.is_forced else super().get_template_names()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(is_forced=self.is_forced, **context)


class BeginPage(WizardPage):
    """First step: asks for the password."""

    template_name = "accounts/two_factor_begin.html"
    forced_template_name = "accounts/two_factor_first.html"
    form_class = ProveForm

    def submit(self, form: forms.Form) -> HttpResponse:
        password = form.cleaned_data["password"]
        made = second_factor.begin_totp(self.administrator, actor=self.actor, password=password)
        proofs.note(self.request)
        self.request.session[WAITING] = made.pk
        return redirect("two_factor_confirm")


class ConfirmPage(WizardPage):
    """Second step: shows the key, and asks for a code that proves it was taken over."""

    template_name = "accounts/two_factor_confirm.html"
    forced_template_name = "accounts/two_factor_first_confirm.html"
    form_class = ConfirmForm
    asks_for_proof = ("POST",)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self._waiting() is None:
            return redirect("two_factor_begin")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        waiting = self._waiting()
        key = waiting.key if waiting else b""
        described = totp.describe(key, username=self.request.user.get_username())
        return super().get_context_data(**described, **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        authenticator, codes = second_factor.confirm_totp(
            self.administrator,
            actor=self.actor,
            otp=form.cleaned_data["otp"],
            keep=Credential.of(self.request),
        )
        del self.request.session[WAITING]
        verify_session(self.request, authenticator)
        self.request.session.cycle_key()
        context = {"codes": codes, "was_enabled": True}
        return render(self.request, "accounts/recovery_codes.html", context)

    def _waiting(self) -> Authenticator | None:
        found: Authenticator | None = Authenticator.objects.filter(
            user_id=self.request.user.pk,
            pk=self.request.session.get(WAITING),
            confirmed=False,
        ).first()
        return found


class DisablePage(FormPage):
    """Switches the second factor off."""

    is_own_account = True
    template_name = "accounts/two_factor_disable.html"
    form_class = ProveBothForm

    def submit(self, form: forms.Form) -> HttpResponse:
        second_factor.disable_totp(
            self.administrator,
            actor=self.actor,
            keep=Credential.of(self.request),
            **form.cleaned_data,
        )
        messages.success(self.request, "Two-factor authentication is off.")
        return redirect("account")


class RecoveryCodesPage(FormPage):
    """Makes new recovery codes."""

    is_own_account = True
    template_name = "accounts/recovery_codes_renew.html"
    form_class = ProveBothForm

    def submit(self, form: forms.Form) -> HttpResponse:
        codes = second_factor.renew_recovery_codes(
            self.administrator, actor=self.actor, **form.cleaned_data
        )
        return render(self.request, "accounts/recovery_codes.html", {"codes": codes})
