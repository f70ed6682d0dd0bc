"""Settings, where the audit trail is forwarded to."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, View

from audit.actor import Actor
from audit.forwarding.receiver import Receiver
from audit.forwarding.service import change_forwarding, get_standing, send_test, stop_forwarding
from audit.surroundings import actor_of
from config.errors import DomainError

if TYPE_CHECKING:
    FormsView = FormView["ForwardingForm"]
else:
    FormsView = FormView

PLAIN = {"class": "mono", "autocomplete": "off", "spellcheck": "false"}


class ForwardingForm(forms.Form):
    """A syslog receiver."""

    host = forms.CharField(
        label=_("Host"),
        max_length=253,
        widget=forms.TextInput(PLAIN),
        help_text=_("Name or IP address."),
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=6514)
    tls = forms.BooleanField(
        label=_("Use TLS"),
        required=False,
        initial=True,
        help_text=_("Without it, whoever is on the way can read and change what is sent."),
    )
    certificate = forms.CharField(
        label=_("Certificate"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea({**PLAIN, "rows": 4, "placeholder": "-----BEGIN CERTIFICATE-----"}),
        help_text=_(
            "Of the receiver, or of who signed it, in PEM form. Without it, the authorities "
            "that this machine trusts decide."
        ),
    )
    whole_trail = forms.BooleanField(
        label=_("Send what is in the trail already, too"),
        required=False,
        help_text=_("Else it begins with this change."),
    )

    @property
    def receiver(self) -> Receiver:
        """What was typed; the form must be valid."""
        given = {name: self.cleaned_data[name] for name in ("host", "port", "tls", "certificate")}
        return Receiver(**given)


class ForwardingPage(FormsView):
    """Where it goes, how far it has come, and a try before anything is stored."""

    template_name = "audit/forwarding.html"
    form_class = ForwardingForm
    asks_for_proof = ("POST",)

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    def get_initial(self) -> dict[str, object]:
        receiver = get_standing().receiver
        if receiver is None:
            return {}
        return {name: getattr(receiver, name) for name in ("host", "port", "tls", "certificate")}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(standing=get_standing(), **context)

    def form_valid(self, form: ForwardingForm) -> HttpResponse:
        try:
            return self._try(form) if "try" in self.request.POST else self._save(form)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.shown)
            return self.form_invalid(form)

    def _try(self, form: ForwardingForm) -> HttpResponse:
        send_test(form.receiver, actor=self.actor)
        return self.render_to_response(self.get_context_data(form=form, tried=form.receiver))

    def _save(self, form: ForwardingForm) -> HttpResponse:
        whole_trail = form.cleaned_data["whole_trail"]
        change_forwarding(form.receiver, actor=self.actor, whole_trail=whole_trail)
        messages.success(self.request, _("The settings were saved. Events follow within seconds."))
        return redirect("audit_forwarding")


class StopForwarding(View):
    """Tells the receiver nothing any more."""

    http_method_names = ["post"]
    asks_for_proof = ("POST",)

    def post(self, request: HttpRequest) -> HttpResponse:
        stop_forwarding(actor=actor_of(request))
        messages.success(request, _("Events are not forwarded any more."))
        return redirect("audit_forwarding")
