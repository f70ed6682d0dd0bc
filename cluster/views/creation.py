"""Creating the cluster in the browser."""

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from accounts.views.page import FormPage
from cluster.models import Operation
from cluster.services.creation import DEFAULT_MAX_NODES, request_create
from cluster.views.again import earlier_answers
from cluster.views.welcome import OnlyUninitialised
from nodes.role import current


class CreateForm(forms.Form):
    """What a cluster needs to know about itself."""

    label = forms.CharField(
        label=_("Label of the cluster"),
        help_text=_("What you call it among people. You can change it later."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    vpn_network = forms.CharField(
        label=_("VPN network"),
        help_text=_(
            "A private IPv4 network that is used nowhere else on these machines. "
            "It cannot be changed later."
        ),
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"}),
    )
    endpoint = forms.CharField(
        label=_("Public VPN endpoint"),
        help_text=_("Name or address, and UDP port, at which the other machines reach this one."),
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"}),
    )
    max_nodes = forms.IntegerField(
        min_value=1,
        label=_("At most so many nodes"),
        help_text=_("Further machines are refused. You can change it later."),
    )


class CreatePage(OnlyUninitialised, FormPage):
    """Asks for the cluster's facts, then shows its recovery key: once."""

    template_name = "cluster/create.html"
    form_class = CreateForm

    def get_initial(self) -> dict[str, object]:
        suggested = {
            "vpn_network": "10.5.4.0/24",
            "endpoint": f"{current().fqdn}:{settings.FLOTILLA.VPN_PORT}",
            "max_nodes": DEFAULT_MAX_NODES,
        }
        return suggested | earlier_answers(self.request, Operation.Kind.CREATE)

    def submit(self, form: forms.Form) -> HttpResponse:
        operation, recovery_key = request_create(actor=self.actor, **form.cleaned_data)
        context = {"operation": operation, "recovery_key": recovery_key, **form.cleaned_data}
        context["recovery_key_file"] = render_to_string("cluster/recovery_key.txt", context)
        return render(self.request, "cluster/recovery_key.html", context)
