"""What is left to do after nodes went and leaders changed."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import View

from accounts.actors import actor_from
from cluster.models import FollowUp
from cluster.services import follow_ups
from cluster.views.page import LivePage
from config.errors import DomainError
from config.requests import came_from

PAGE_SIZE = 50


class FollowUpsPage(LivePage):
    """Open ones with what to do about them, and what has become of earlier ones."""

    template_name = "cluster/follow_ups.html"
    fragment_name = "cluster/follow_ups_list.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        settled = FollowUp.objects.exclude(settled_at=None).order_by("-settled_at", "-id")
        wanted = Paginator(settled, PAGE_SIZE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            follow_ups=list(FollowUp.objects.open()), settled=wanted, **context
        )


class SettleFollowUp(View):
    """Says that a follow-up is done."""

    def post(self, request: HttpRequest, **captured: Any) -> HttpResponse:
        follow_up = get_object_or_404(FollowUp, pk=captured["follow_up_id"])
        try:
            follow_ups.settle(follow_up, actor=actor_from(request))
        except DomainError as error:
            messages.error(request, error.shown)
        return redirect(came_from(request) or reverse("follow_ups"))
