"""The dialog that removes a node (S18 to S22)."""

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from cluster.services.confirmation import confirmation_of
from cluster.services.removal import RemovalPreview, preview_removal, request_removal
from cluster.views.confirmation import ConfirmedForm
from cluster.views.one_node import WorkerFormPage


class RemoveForm(ConfirmedForm):
    """What has to be typed; ``force`` is offered for an unreachable node only."""

    force = forms.BooleanField(
        required=False,
        label=_("Remove it although it cannot be reached"),
        help_text=_(
            "It learns of its removal when it calls again. What its applications leave "
            "behind in other places has to be cleaned up by hand: a follow-up lists it."
        ),
    )

    def __init__(self, *args: Any, is_reachable: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if is_reachable:
            del self.fields["force"]


class RemovePage(WorkerFormPage):
    """Says what will happen, what will not and what is final; lists what runs on the node.

    The digest of that list travels with the form, so that nobody confirms what they have not seen.
    """

    template_name = "cluster/remove.html"
    form_class = RemoveForm
    asks_for_proof = ("POST",)

    @cached_property
    def preview(self) -> RemovalPreview:
        return preview_removal(self.node)

    def get_form_kwargs(self) -> dict[str, Any]:
        expected, is_reachable = confirmation_of(self.node), self.preview.reachable
        return super().get_form_kwargs() | {"expected": expected, "is_reachable": is_reachable}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        seen = self.request.POST.get("digest")
        return super().get_context_data(
            preview=self.preview,
            has_changed=seen is not None and seen != self.preview.digest,
            is_blocked=bool(self.preview.providers) and self.preview.reachable,
            **context,
        )

    def submit(self, form: forms.Form) -> HttpResponse:
        seen = self.request.POST.get("digest", "")
        operation = request_removal(self.node, actor=self.actor, digest=seen, **form.cleaned_data)
        return redirect("operation", operation.pk)
