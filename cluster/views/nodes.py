"""The fleet, and one node of it."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.views.page import FormPage
from audit.models import AuditEvent
from cluster.models import JoinCode, Operation
from cluster.services.health import find_warnings
from cluster.views.health import fleet_sentence
from cluster.views.measures import booted_at, measures
from cluster.views.page import LivePage
from cluster.views.peers import peers
from nodes.models import Application, Contact, Node
from nodes.services.nodes import change_node

RECENT = 8


class NodesPage(LivePage):
    """Every node with its role, state, addresses, versions and last contact (S1, S5)."""

    template_name = "cluster/nodes.html"
    fragment_name = "cluster/nodes_list.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        nodes = list(Node.objects.members().select_related("contact"))
        return super().get_context_data(
            nodes=nodes,
            sentence=fleet_sentence(nodes),
            open_codes=JoinCode.objects.open().count(),
            **context,
        )


class NodePage(LivePage):
    """Facts, VPN, health and history of one node."""

    template_name = "cluster/node.html"
    fragment_name = "cluster/node_state.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        query = Node.objects.members().select_related("contact")
        node = get_object_or_404(query, pk=self.kwargs["node_id"])
        contact: Contact | None = getattr(node, "contact", None)
        facts = contact.facts if contact else {}
        return super().get_context_data(
            node=node,
            facts=facts,
            measures=measures(facts),
            booted_at=booted_at(facts),
            peers=peers(node),
            applications=list(Application.objects.filter(node=node)),
            warnings=find_warnings(node) if contact else [],
            operations=Operation.objects.filter(node=node)[:RECENT],
            events=AuditEvent.objects.filter(target_kind="node", target_id=str(node.pk))[:RECENT],
            **context,
        )


class LabelForm(forms.Form):
    """What people call a node."""

    label = forms.CharField(
        max_length=64,
        required=False,
        help_text="Shown beside the node's number. Its name in the network stays as it is.",
    )


class NodeLabelPage(FormPage):
    """Changes a node's label."""

    template_name = "cluster/node_label.html"
    form_class = LabelForm

    @property
    def node(self) -> Node:
        return get_object_or_404(Node.objects.members(), pk=self.kwargs["node_id"])

    def get_initial(self) -> dict[str, object]:
        return {"label": self.node.label}

    def submit(self, form: forms.Form) -> HttpResponse:
        node = change_node(self.node, actor=self.actor, label=form.cleaned_data["label"])
        return redirect("node", node.pk)
