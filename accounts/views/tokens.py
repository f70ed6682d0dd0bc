"""Making and revoking one's own API tokens."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from accounts.errors import TokenNotFound
from accounts.models import ApiToken
from accounts.services.people import me
from accounts.services.tokens import DEFAULT_LIFETIME, LONGEST_LIFETIME, create_token, revoke_token
from accounts.views.fields import NetworksField
from accounts.views.page import FormPage


class TokensPage(TemplateView):
    """One's own API tokens."""

    template_name = "accounts/tokens.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        administrator = me(self.request)
        tokens = ApiToken.objects.filter(user=administrator)
        return super().get_context_data(administrator=administrator, tokens=tokens, **context)


class TokenForm(forms.Form):
    """What a new token may do, and for how long."""

    name = forms.CharField(
        label=_("Name"), max_length=64, help_text=_("What will use it, such as “backup script”.")
    )
    days = forms.IntegerField(
        label=_("Days until it expires"),
        min_value=1,
        max_value=LONGEST_LIFETIME.days,
        initial=DEFAULT_LIFETIME.days,
    )
    read_only = forms.BooleanField(label=_("May read, and change nothing"), required=False)
    allowed_networks = NetworksField(
        help_text=_("One a line, such as 192.0.2.0/24. Empty: anywhere.")
    )


class NewTokenPage(FormPage):
    """Makes a token and shows it, this once."""

    is_own_account = True
    template_name = "accounts/new_token.html"
    form_class = TokenForm
    asks_for_proof = ("POST",)

    def submit(self, form: forms.Form) -> HttpResponse:
        values = form.cleaned_data
        token, text = create_token(
            self.administrator,
            actor=self.actor,
            name=values["name"],
            lifetime=timedelta(days=values["days"]),
            read_only=values["read_only"],
            allowed_networks=values["allowed_networks"],
        )
        return render(self.request, "accounts/token.html", {"token": token, "text": text})


class RevokeTokenPage(FormPage):
    """Asks before it revokes a token."""

    is_own_account = True
    template_name = "accounts/revoke_token.html"
    form_class = forms.Form

    @property
    def token(self) -> ApiToken:
        found = ApiToken.objects.filter(
            user_id=self.request.user.pk, id=self.kwargs["token_id"]
        ).first()
        if found is None:
            raise TokenNotFound()
        return found

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(token=self.token, **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        revoke_token(self.token, actor=self.actor)
        messages.success(self.request, _("The token was revoked."))
        return redirect("account")
