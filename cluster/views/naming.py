"""Changing a node's name in the network."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster.services.naming import change_fqdn
from cluster.views.fields import MONO
from cluster.views.one_node import NodeFormPage


class FqdnForm(forms.Form):
    """A node's name in the network."""

    fqdn = forms.CharField(
        label=_("FQDN"),
        help_text=_(
            "The other nodes and your browser must be able to resolve it. Change the DNS first."
        ),
        widget=forms.TextInput(attrs=MONO),
    )


class NodeFqdnPage(NodeFormPage):
    """Changes a node's name; the leader's only after every worker has reached the new one (S25)."""

    template_name = "cluster/node_fqdn.html"
    form_class = FqdnForm

    def get_initial(self) -> dict[str, object]:
        return {"fqdn": self.node.fqdn}

    def submit(self, form: forms.Form) -> HttpResponse:
        node = change_fqdn(self.node, actor=self.actor, fqdn=form.cleaned_data["fqdn"])
        messages.success(
            self.request,
            gettext("node%(node)s is now %(fqdn)s.") % {"node": node.pk, "fqdn": node.fqdn},
        )
        return redirect("node", node.pk)
