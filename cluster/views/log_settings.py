"""How long the leader keeps logs."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.views.page import FormPage
from cluster.models import LogSettings
from cluster.services.log_settings import change_log_settings


class LogSettingsForm(forms.Form):
    keep_days = forms.IntegerField(
        label=_("Days"), min_value=1, max_value=3650, help_text=_("Older logs are deleted.")
    )
    keep_gib = forms.IntegerField(
        label=_("Size in GiB"),
        min_value=1,
        max_value=10_000,
        help_text=_(
            "Of all nodes together, as they lie on the leader's disk. When there is more, "
            "the oldest days are deleted."
        ),
    )


class LogSettingsPage(FormPage):
    """By age and by size."""

    template_name = "cluster/log_settings.html"
    form_class = LogSettingsForm
    asks_for_proof = ("POST",)

    def get_initial(self) -> dict[str, Any]:
        settings = LogSettings.load()
        return {"keep_days": settings.keep_days, "keep_gib": settings.keep_gib}

    def submit(self, form: forms.Form) -> HttpResponse:
        change_log_settings(actor=self.actor, **form.cleaned_data)
        messages.success(self.request, gettext("The settings were saved."))
        return redirect("log_settings")
