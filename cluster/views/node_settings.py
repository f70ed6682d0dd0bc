"""What can be changed of a node: its label, its endpoint, whether it may lead."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster.views.fields import MONO
from cluster.views.one_node import NodeFormPage
from nodes.models import Node
from nodes.services.nodes import change_node


class LabelForm(forms.Form):
    """What people call a node."""

    label = forms.CharField(
        max_length=64,
        required=False,
        label=_("Label"),
        help_text=_("Shown beside the node's number. Its name in the network stays as it is."),
    )


class NodeLabelPage(NodeFormPage):
    """Changes a node's label."""

    template_name = "cluster/node_label.html"
    form_class = LabelForm

    def get_initial(self) -> dict[str, object]:
        return {"label": self.node.label}

    def submit(self, form: forms.Form) -> HttpResponse:
        node = change_node(self.node, actor=self.actor, label=form.cleaned_data["label"])
        return redirect("node", node.pk)


class SettingsForm(forms.Form):
    """Where others reach a node's VPN, and whether it may become leader."""

    endpoint = forms.CharField(
        label=_("Public VPN endpoint"),
        help_text=_(
            "Name or IPv4 address, and UDP port, at which the other nodes reach its VPN: "
            "what a router in front of it maps to it."
        ),
        widget=forms.TextInput(attrs=MONO),
    )
    eligible = forms.BooleanField(
        required=False,
        label=_("May become leader"),
        help_text=_(
            "Only a node that may become leader holds the sealed part of the cluster's "
            "state: administrators, settings, domains. Switched off, it wipes what it holds."
        ),
    )

    def __init__(self, *args: object, is_leader: bool, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # Django's own
        if is_leader:
            eligible = self.fields["eligible"]
            eligible.disabled = True
            eligible.help_text = gettext("It is the leader. Promote another node to change this.")


class NodeSettingsPage(NodeFormPage):
    """Changes a node's endpoint and eligibility (S23, S31)."""

    template_name = "cluster/node_settings.html"
    form_class = SettingsForm

    def get_form_kwargs(self) -> dict[str, object]:
        is_leader = self.node.role == Node.Role.LEADER
        return super().get_form_kwargs() | {"is_leader": is_leader}

    def get_initial(self) -> dict[str, object]:
        return {"endpoint": self.node.endpoint, "eligible": self.node.eligible}

    def submit(self, form: forms.Form) -> HttpResponse:
        node = change_node(self.node, actor=self.actor, **form.cleaned_data)
        messages.success(self.request, gettext("The settings were saved."))
        return redirect("node", node.pk)
