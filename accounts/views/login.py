"""Logging in and out: two_factor's wizard with our rules and our page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views import View
from django_otp.models import Device
from rest_framework.request import Request
from rest_framework.views import APIView
from two_factor.views import LoginView

from accounts import known_browsers
from accounts.actors import actor_from
from accounts.errors import TooManyAttempts
from accounts.models import Administrator
from accounts.services import login
from accounts.services.factors import device_of
from accounts.throttles import LoginThrottle
from accounts.views.factor_form import SecondFactorForm
from accounts.webauthn.answers import Answer
from config.errors import DomainError


@contextmanager
def refusal_as_form_error() -> Iterator[None]:
    """A domain error as the form's own."""
    try:
        yield
    except DomainError as refused:
        raise forms.ValidationError(refused.shown, code=refused.code) from None


class PasswordForm(AuthenticationForm):
    """User name and password."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "username", "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean(self) -> dict[str, Any]:
        if not self.errors and self.request is not None:
            with refusal_as_form_error():
                self.user_cache = self._check(self.request)
        return self.cleaned_data

    def _check(self, request: HttpRequest) -> Administrator:
        if not LoginThrottle().allow_request(Request(request), APIView()):
            raise TooManyAttempts()
        return login.check_password(
            request,
            username=self.cleaned_data["username"],
            password=self.cleaned_data["password"],
        )


class CodeForm(SecondFactorForm):
    """A passkey, a code of the authenticator, or a recovery code."""

    idempotent = False
    """The wizard must not check a code twice: it works once."""

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            with refusal_as_form_error():
                device = self._check(**self.given)
            self.user.otp_device = device  # type: ignore[attr-defined]  # django-otp's own
        return self.cleaned_data

    def _check(self, *, otp: str, passkey: Answer | None) -> Device | None:
        """What the session will be verified by."""
        if passkey is not None:
            used = login.check_passkey(self.request, self.user, answer=passkey)
            self.user.came_by_passkey = True
            return used
        login.check_code(self.request, self.user, code=otp)
        return device_of(self.user)


ACCEPTED = "accepted_password"
"""In the wizard's data: which password it was that the first step accepted."""


def tell_failures(count: int) -> str:
    """What somebody is told who has just logged in."""
    said = ngettext(
        "%(count)d attempt to log in as you failed since your last login.",
        "%(count)d attempts to log in as you failed since your last login.",
        count,
    )
    return said % {"count": count}


@method_decorator(login_not_required, name="dispatch")
class LoginPage(LoginView):  # type: ignore[misc]  # untyped base
    """Asks for the password, then for the code where there is a second factor (S49)."""

    template_name = "accounts/login.html"
    form_list = ((LoginView.AUTH_STEP, PasswordForm), (LoginView.TOKEN_STEP, CodeForm))
    redirect_authenticated_user = True

    def has_second_step(self) -> bool:
        """The wizard asks many times, about somebody it has read anew for this request."""
        user = self.get_user()
        if user and not hasattr(user, "has_two_factor"):
            user.has_two_factor = user.two_factor
        return bool(user and user.has_two_factor)

    condition_dict = {LoginView.TOKEN_STEP: has_second_step}

    def process_step(self, form: forms.Form) -> Any:
        data = super().process_step(form)
        if isinstance(form, PasswordForm):
            self.storage.data[ACCEPTED] = form.get_user().get_session_auth_hash()
            self.user_cache = None  # it may be of somebody who began here before
        return data

    def get_user(self) -> Any:
        """Who gave the password, as long as it is theirs: a new one voids the first step."""
        user = super().get_user()
        mark = self.storage.data.get(ACCEPTED, "")
        return user if user and constant_time_compare(mark, user.get_session_auth_hash()) else False

    def get_device(self, step: str | None = None) -> Device | None:
        return device_of(self.get_user())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            response.render()  # it reads the wizard's data, which marks the session as changed
        if request.session.session_key is None and not self.get_user():
            request.session.modified = False  # nobody fills the table by looking at this page
        return response

    def done(self, form_list: object, **kwargs: object) -> HttpResponse:
        administrator = self.get_user()
        login.log_in(self.request, administrator)
        if administrator.failures_before_login:
            messages.warning(self.request, tell_failures(administrator.failures_before_login))
        answer = redirect(self.get_success_url())
        known_browsers.remember(answer, username=administrator.username)
        return answer


class LogoutPage(View):
    """Ends the session."""

    http_method_names = ["post"]
    is_own_account = True
    is_open_before_password_change = True
    is_open_before_second_factor = True

    def post(self, request: HttpRequest) -> HttpResponse:
        login.log_out(request, actor=actor_from(request))
        return redirect("two_factor:login")
