"""Settings, where the logs of all nodes are forwarded to."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.actors import actor_from
from accounts.views.page import FormPage
from audit.forwarding.receiver import Receiver
from audit.views.forwarding import ForwardingForm
from cluster.services.log_forwarding import (
    change_log_forwarding,
    get_standing,
    send_test,
    stop_log_forwarding,
)

FIELDS = ("host", "port", "tls", "certificate")


class LogForwardingForm(ForwardingForm):
    """A syslog receiver; there is no trail to begin from."""

    whole_trail = None  # type: ignore[assignment]


class LogForwardingPage(FormPage):
    """Where they go, how far they have come, and a try before anything is stored."""

    template_name = "cluster/log_forwarding.html"
    form_class = LogForwardingForm
    asks_for_proof = ("POST",)

    def get_initial(self) -> dict[str, Any]:
        receiver = get_standing().receiver
        return {name: getattr(receiver, name) for name in FIELDS} if receiver else {}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(standing=get_standing(), **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        receiver = Receiver(**{name: form.cleaned_data[name] for name in FIELDS})
        if "try" in self.request.POST:
            send_test(receiver, actor=self.actor)
            return self.render_to_response(self.get_context_data(form=form, tried=receiver))
        change_log_forwarding(receiver, actor=self.actor)
        messages.success(self.request, _("The settings were saved. Lines follow within seconds."))
        return redirect("log_forwarding")


class StopLogForwarding(View):
    """Sends the receiver nothing any more."""

    http_method_names = ["post"]
    asks_for_proof = ("POST",)

    def post(self, request: HttpRequest) -> HttpResponse:
        stop_log_forwarding(actor=actor_from(request))
        messages.success(request, _("Logs are not forwarded any more."))
        return redirect("log_forwarding")
