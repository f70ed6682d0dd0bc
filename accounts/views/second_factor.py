"""The wizard that switches the second factor on, and the way to switch it off (S50, S51)."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import proofs, totp
from accounts.access import lacks_second_factor
from accounts.models import Administrator, Authenticator
from accounts.services import second_factor
from accounts.services.credentials import Credential
from accounts.services.factors import stay_verified
from accounts.views.factor_form import SecondFactorForm
from accounts.views.page import FormPage

WAITING = "waiting_authenticator"
"""Session key: which key this session may show until a code confirms it."""


class ProveForm(forms.Form):
    """The password, once more."""

    password = forms.CharField(
        label=_("Your password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class ConfirmForm(forms.Form):
    """The first code of the new key."""

    otp = forms.CharField(
        label=_("Code"),
        max_length=16,
        help_text=_("The six digits that the application shows now."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class ProveBothForm(SecondFactorForm, ProveForm):
    """Password, and code or passkey, once more."""

    field_order = ("password", "otp", "passkey")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        del self.fields["otp"].widget.attrs["autofocus"]  # the password is asked for first


def tell_what_is_left(administrator: Administrator) -> str:
    """What is said once a factor is gone."""
    if administrator.two_factor:
        return gettext("It was removed. Two-factor authentication stays on.")
    return gettext("Two-factor authentication is off.")


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


def given_by(form: forms.Form) -> dict[str, Any]:
    """What a service takes of it."""
    return form.given if isinstance(form, SecondFactorForm) else form.cleaned_data


class BothFactorsPage(FormPage):
    """Asks for the password, and for a code or a passkey where there is a second factor."""

    is_own_account = True

    @cached_property
    def is_proven_by_both(self) -> bool:
        return self.administrator.two_factor

    def get_form_class(self) -> type[forms.Form]:
        return ProveBothForm if self.is_proven_by_both else ProveForm

    def get_form_kwargs(self) -> dict[str, Any]:
        about = {"user": self.administrator, "request": self.request}
        return super().get_form_kwargs() | (about if self.is_proven_by_both else {})


class BeginPage(WizardPage, BothFactorsPage):
    """First step: asks who it is; those who would rather have a passkey go on from here."""

    template_name = "accounts/two_factor_begin.html"
    forced_template_name = "accounts/two_factor_first.html"

    def submit(self, form: forms.Form) -> HttpResponse:
        made = second_factor.begin_totp(self.administrator, actor=self.actor, **given_by(form))
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
        administrator = self.administrator
        codes = second_factor.confirm_totp(
            administrator,
            actor=self.actor,
            otp=form.cleaned_data["otp"],
            keep=Credential.of(self.request),
        )
        del self.request.session[WAITING]
        stay_verified(self.request, administrator)
        self.request.session.cycle_key()
        if not codes:
            messages.success(
                self.request, _("The application is set up; your recovery codes stay.")
            )
            return redirect("account")
        context = {"codes": codes, "was_enabled": True}
        return render(self.request, "accounts/recovery_codes.html", context)

    def _waiting(self) -> Authenticator | None:
        found: Authenticator | None = Authenticator.objects.filter(
            user_id=self.request.user.pk,
            pk=self.request.session.get(WAITING),
            confirmed=False,
        ).first()
        return found


class DisablePage(BothFactorsPage):
    """Switches the second factor off, or forgets the application where there are passkeys."""

    template_name = "accounts/two_factor_disable.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        passkeys = self.administrator.passkeys.count()
        return super().get_context_data(passkeys=passkeys, **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        second_factor.disable_totp(
            self.administrator,
            actor=self.actor,
            keep=Credential.of(self.request),
            **given_by(form),
        )
        stay_verified(self.request, self.administrator)
        messages.success(self.request, tell_what_is_left(self.administrator))
        return redirect("account")


class RecoveryCodesPage(BothFactorsPage):
    """Makes new recovery codes."""

    template_name = "accounts/recovery_codes_renew.html"

    def submit(self, form: forms.Form) -> HttpResponse:
        codes = second_factor.renew_recovery_codes(
            self.administrator, actor=self.actor, **given_by(form)
        )
        return render(self.request, "accounts/recovery_codes.html", {"codes": codes})
