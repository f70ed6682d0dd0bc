"""What installed applications may have beyond a container of their own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.views.page import FormPage
from cluster.models import ApplicationPolicy
from cluster.services.application_policy import change_application_policy


class ApplicationPolicyForm(forms.Form):
    """One by one; each gives away a part of the node."""

    host_paths = forms.BooleanField(
        required=False,
        label=_("Paths of the node"),
        help_text=_(
            "An application may be given any directory of its node, such as /etc. Without "
            "this it has its volumes and its own directory."
        ),
    )
    host_network = forms.BooleanField(
        required=False,
        label=_("The node's own network"),
        help_text=_("An application may open every port and reach what listens on 127.0.0.1 only."),
    )
    privileged = forms.BooleanField(
        required=False,
        label=_("Privileged containers"),
        help_text=_("An application may do everything that root can do on its node."),
    )


class ApplicationSettingsPage(FormPage):
    """Everything is forbidden until somebody allows it."""

    template_name = "cluster/application_settings.html"
    form_class = ApplicationPolicyForm
    asks_for_proof = ("POST",)

    def get_initial(self) -> dict[str, Any]:
        return ApplicationPolicy.load().to_json()

    def submit(self, form: forms.Form) -> HttpResponse:
        change_application_policy(actor=self.actor, **form.cleaned_data)
        messages.success(self.request, gettext("The settings were saved."))
        return redirect("application_settings")
