"""The cluster's settings."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.views.page import FormPage
from cluster.models import Cluster
from cluster.services.queries import get_cluster
from cluster.services.settings import change_cluster
from nodes.models import Node


class ClusterForm(forms.Form):
    """What can be changed in a cluster that exists."""

    label = forms.CharField(max_length=64, label=_("Label of the cluster"))
    max_nodes = forms.IntegerField(
        min_value=1,
        label=_("At most so many nodes"),
        help_text=_("Further machines are refused until you raise this."),
    )


class ClusterSettingsPage(FormPage):
    """Shows what the cluster is, and changes what may be changed (S4)."""

    template_name = "cluster/settings.html"
    form_class = ClusterForm

    @property
    def cluster(self) -> Cluster:
        cluster = get_cluster()
        if cluster is None:
            raise Http404
        return cluster

    def get_initial(self) -> dict[str, object]:
        return {"label": self.cluster.label, "max_nodes": self.cluster.max_nodes}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        members = Node.objects.members().count()
        return super().get_context_data(cluster=self.cluster, members=members, **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        change_cluster(actor=self.actor, **form.cleaned_data)
        messages.success(self.request, gettext("The settings were saved."))
        return redirect("cluster_settings")
