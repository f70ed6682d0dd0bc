"""Joining a cluster in the browser."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.views.page import FormPage
from cluster.models import Operation
from cluster.services.joining import request_join
from cluster.views.again import earlier_answers
from cluster.views.fields import MONO
from cluster.views.welcome import OnlyUninitialised
from nodes.role import current


class JoinForm(forms.Form):
    """A join code, and the name by which the cluster will know this machine (S10, S12, S13)."""

    code = forms.CharField(
        label=_("Join code"),
        help_text=_(
            "Made on the leader under Nodes, “Add node to cluster”. It begins with FLT1 and a dot."
        ),
        error_messages={"required": _("Paste the join code that the leader shows.")},
        widget=forms.Textarea(attrs=MONO | {"rows": 5}),
    )
    fqdn = forms.CharField(
        label=_("FQDN of this machine"),
        help_text=_("The other nodes and your browser must be able to resolve it."),
        widget=forms.TextInput(attrs=MONO),
    )
    tls_verify = forms.BooleanField(
        required=False,
        label=_("Validate the leader's certificate"),
        help_text=_(
            "The join code is sent only to the machine whose certificate it names. "
            "Switch this off only on a network that you trust; the audit trail will say so."
        ),
    )


class JoinPage(OnlyUninitialised, FormPage):
    """Accepts a join code and leads to the operation that uses it."""

    template_name = "cluster/join.html"
    form_class = JoinForm

    def get_initial(self) -> dict[str, object]:
        suggested = {"fqdn": current().fqdn, "tls_verify": True}
        return suggested | earlier_answers(self.request, Operation.Kind.ENROL)

    def submit(self, form: forms.Form) -> HttpResponse:
        operation = request_join(actor=self.actor, **form.cleaned_data)
        return redirect("operation", operation.pk)
