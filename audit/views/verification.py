"""Whether the trail is as it was written, as the last look at all of it found."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from audit.acknowledging import acknowledge
from audit.checkpoints import signed_again_after
from audit.models import AuditHead, Forwarding, WitnessStatement
from audit.rounds import begin_round, read_round, verify_some
from audit.surroundings import actor_of, custodian
from audit.testimony import contradictions, digest_of, plain
from config.celery import send
from config.errors import DomainError

AT_ONCE = 1.0
"""Seconds: a short trail is through before the page comes back."""


class VerificationPage(TemplateView):
    """Shows what the last round found, and begins one."""

    template_name = "audit/verification.html"
    fragment_name = "audit/verification_state.html"

    def get_template_names(self) -> list[str]:
        is_fragment = getattr(self.request, "htmx", False)
        return ["console/fragment.html"] if is_fragment else super().get_template_names()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        witnesses, contradicting = WitnessStatement.objects.all(), contradictions()
        others = witnesses.exclude(pk=custodian().trail).filter(count__gt=0).exists()
        return super().get_context_data(
            verification=read_round(),
            end=AuditHead.objects.first() or AuditHead(),
            witnesses=witnesses,
            others=others,
            forwarded=Forwarding.objects.first(),
            signed_again_after=signed_again_after(),
            fragment=self.fragment_name,
            contradicting=contradicting,
            seen=digest_of(plain(contradicting)),
            **context,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Look at all of it again."""
        _verify()
        return redirect("audit_verification")


class AcknowledgeContradictions(View):
    """Says that it is known why others remember another trail."""

    http_method_names = ["post"]
    asks_for_proof = ("POST",)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            acknowledge(actor=actor_of(request), digest=request.POST.get("seen", ""))
        except DomainError as error:
            messages.error(request, error.shown)
        else:
            messages.success(request, _("It was recorded. Anything else is an alarm again."))
            _verify()
        return redirect("audit_verification")


def _verify() -> None:
    begin_round()
    if verify_some(seconds=AT_ONCE):
        send("audit.tasks.verify_events")
