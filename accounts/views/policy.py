"""Settings, what is asked of all administrators alike."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.services.people import everybody
from accounts.services.policy import change_policy, get_policy
from accounts.views.page import FormPage


class PolicyForm(forms.Form):
    """Who needs a second factor, and where passkeys work."""

    second_factor_required = forms.BooleanField(
        label=_("Everybody needs a second factor"),
        required=False,
        help_text=_(
            "Whoever has none can then do nothing but set one up, from this moment on; their "
            "API tokens wait until they have. Nobody is shut out."
        ),
    )
    passkey_domain = forms.CharField(
        label=_("Domain of passkeys"),
        max_length=253,
        required=False,
        help_text=_(
            "Such as example.org, if the name of every node ends with it: passkeys that are "
            "added from now on then work at whichever node leads. Empty: a passkey works at the "
            "node that it was added at. Browsers refuse a domain that belongs to many, such as "
            "co.uk."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class PolicyPage(FormPage):
    """Asks everybody for a second factor, and names those who have none."""

    template_name = "accounts/access_policy.html"
    form_class = PolicyForm
    asks_for_proof = ("POST",)

    def get_initial(self) -> dict[str, object]:
        policy = get_policy()
        return {name: getattr(policy, name) for name in PolicyForm.base_fields}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        without = [person for person in everybody() if not person.two_factor]
        return super().get_context_data(without=without, **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        change_policy(actor=self.actor, **form.cleaned_data)
        messages.success(self.request, _("The rules were saved."))
        return redirect("administrators")
