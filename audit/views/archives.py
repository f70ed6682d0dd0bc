"""Settings, how long events stay; and looking into what was imported."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, View

from audit.archive.browsing import find_imported
from audit.archive.retention import (
    LONGEST_DAYS,
    MOST_MEGABYTES,
    change_retention,
    get_retention,
    last_due,
    measure,
)
from audit.archive.service import request_archiving
from audit.models import Archive, AuditHead, ImportedArchive, ImportedEvent
from audit.search.count import Count
from audit.search.find import Findings
from audit.search.question import Question
from audit.surroundings import actor_of
from audit.views.trail import PAGE_SIZE, TrailPage
from config.errors import DomainError

if TYPE_CHECKING:
    FormsView = FormView["RetentionForm"]
else:
    FormsView = FormView


class RetentionForm(forms.Form):
    """Two limits; an event that is beyond either moves."""

    days = forms.IntegerField(
        label=_("Archive events that are older than so many days"),
        required=False,
        min_value=1,
        max_value=LONGEST_DAYS,
        help_text=_("Empty: whatever their age."),
    )
    megabytes = forms.IntegerField(
        label=_("Archive the oldest beyond so many megabytes"),
        required=False,
        min_value=1,
        max_value=MOST_MEGABYTES,
        help_text=_("Empty: however many there are."),
    )


class RetentionPage(FormsView):
    """Decides what moves into archives, and lists them."""

    template_name = "audit/retention.html"
    form_class = RetentionForm
    asks_for_proof = ("POST",)

    def get_initial(self) -> dict[str, object]:
        retention = get_retention()
        return {"days": retention.days, "megabytes": retention.megabytes}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        head = AuditHead.objects.first() or AuditHead()
        archives = list(Archive.objects.order_by("-last_id"))
        archived = archives[0].last_id if archives else 0
        return super().get_context_data(
            archives=archives,
            imported=ImportedArchive.objects.whole().defer("manifest"),
            events=head.last_id - archived,
            megabytes=measure(),
            due=max(0, last_due() - archived),
            **context,
        )

    def form_valid(self, form: RetentionForm) -> HttpResponse:
        change_retention(actor=actor_of(self.request), **form.cleaned_data)
        messages.success(self.request, _("The settings were saved."))
        return redirect("audit_retention")


class ArchiveNow(View):
    """Does not wait for the end of the day."""

    http_method_names = ["post"]
    asks_for_proof = ("POST",)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            request_archiving(actor=actor_of(request))
        except DomainError as error:
            messages.error(request, error.shown)
        else:
            messages.success(request, _("Old events are being archived."))
        return redirect("audit_retention")


class ImportedPage(TrailPage):
    """An archive as the trail's page shows events, and never among them."""

    @cached_property
    def archive(self) -> ImportedArchive:
        return get_object_or_404(ImportedArchive.objects.whole(), pk=self.kwargs["archive_id"])

    def find(self, question: Question, *, before: int | None) -> Findings:
        return find_imported(self.archive, question, limit=PAGE_SIZE, before=before)

    def count(self, question: Question) -> Count | None:
        return Count(self.archive.count, is_exact=True) if question == Question() else None

    def users(self) -> list[str]:
        return self._names("user")

    def actions(self) -> list[str]:
        return self._names("action")

    def _names(self, column: str) -> list[str]:
        events = ImportedEvent.objects.filter(archive=self.archive).order_by(column)
        return list(events.values_list(column, flat=True).distinct())

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        found = super().get_context_data(archive=self.archive, **context)
        return found | {"exports": [], "live": False, "verification": None}
