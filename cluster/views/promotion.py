"""The dialog that makes another node the leader, and what every node sees of it (S30 to S38)."""

from functools import cached_property
from typing import Any

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cluster.services import preflight
from cluster.services.confirmation import confirmation_of
from cluster.services.promotion import request_promotion
from cluster.services.queries import get_leader
from cluster.views.confirmation import ConfirmedForm
from cluster.views.fields import MONO
from cluster.views.matrix import matrix
from cluster.views.menu import why_not_promote
from cluster.views.one_node import WorkerFormPage

DEFAULT_PORT = 55820
SALT = "cluster.preflight"


class PromoteForm(ConfirmedForm):
    """Where the new leader's VPN is reached, whether that is checked, and the typed name."""

    vpn_address = forms.CharField(
        label=_("VPN public address"),
        help_text=_("The name or IPv4 address at which every other node reaches it."),
        widget=forms.TextInput(attrs=MONO),
    )
    vpn_port = forms.IntegerField(
        min_value=1,
        max_value=65535,
        label=_("VPN public UDP port"),
        help_text=format_lazy(
            _(
                "Usually {port}, the port on which the node itself listens. "
                "Enter another one only if a router in front of it maps that one to it."
            ),
            port=DEFAULT_PORT,
        ),
    )
    check_connectivity = forms.BooleanField(
        required=False,
        label=_("Check node connectivity"),
        help_text=_(
            "Before anything moves, every node tries this one at the address above: its "
            "name, HTTPS, and the VPN itself. If one of them fails, the promotion stops and names "
            "it. Without the check you go on at your own risk, and the audit trail says so."
        ),
    )
    audit_export = forms.BooleanField(
        required=False,
        label=_("Take the audit trail along"),
        help_text=_(
            "The new leader begins a trail of its own. With this it fetches a sealed export "
            "of the present one afterwards, to look into it; else that stays on the old leader "
            "only."
        ),
    )


class PromotePage(WorkerFormPage):
    """Says what moves and what stays behind; every node's view of the candidate comes by itself.

    Without JavaScript, ``?checked=`` shows that view in the page.
    """

    template_name = "cluster/promote.html"
    form_class = PromoteForm
    asks_for_proof = ("POST",)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"expected": confirmation_of(self.node)}

    def get_initial(self) -> dict[str, object]:
        address, _, port = self.node.endpoint.rpartition(":")
        return {
            "vpn_address": address or self.node.fqdn,
            "vpn_port": port or DEFAULT_PORT,
            "check_connectivity": True,
        }

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        is_wanted = "checked" in self.request.GET
        return super().get_context_data(
            leader=get_leader(),
            impossible=why_not_promote(self.node),
            matrix=matrix(preflight.check(self.node)) if is_wanted else None,
            default_port=DEFAULT_PORT,
            **context,
        )

    def submit(self, form: forms.Form) -> HttpResponse:
        operation = request_promotion(self.node, actor=self.actor, **form.cleaned_data)
        return redirect("operation", operation.pk)


class PreflightPart(WorkerFormPage):
    """The matrix as a part of the page: asks once, then looks for the answers until they are in."""

    template_name = "cluster/preflight_part.html"
    http_method_names = ["get"]

    @cached_property
    def asked(self) -> list[int]:
        """The questions that this page has sent; signed, so that it reads no others."""
        try:
            node, ids = signing.loads(self.request.GET.get("asked", ""), salt=SALT)
        except signing.BadSignature:
            return []
        return list(ids) if node == self.node.pk else []

    def get(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponse:
        ids = self.asked or preflight.ask(self.node)
        answer = preflight.read(self.node, ids)
        context = {
            "node": self.node,
            "asked": signing.dumps([self.node.pk, ids], salt=SALT),
            "matrix": None if answer is None else matrix(answer),
        }
        return self.render_to_response(context)
