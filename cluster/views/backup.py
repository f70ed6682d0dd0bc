"""The cluster's backup: how it is made, how it went, and what can be changed about it (S27)."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.generic import View

from accounts.actors import actor_from
from accounts.views.page import FormPage
from cluster.backup.destinations import FIELDS, Kind
from cluster.backup.download import as_response
from cluster.models import BackupSettings
from cluster.services import backup_settings, backups
from cluster.services.backup_status import describe
from cluster.views.backup_forms import PasswordForm, ScheduleForm, destination_form
from cluster.views.backup_words import KINDS, describe_delivery
from cluster.views.page import LivePage
from config.errors import DomainError


class BackupPage(LivePage):
    """What there is, what comes next, and what became of the last one."""

    template_name = "cluster/backup.html"
    fragment_name = "cluster/backup_state.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        status = describe()
        deliveries = status.last_run.data.get("deliveries", ()) if status.last_run else ()
        return super().get_context_data(
            status=status,
            kinds=KINDS,
            destinations=[(each, KINDS[Kind(each.kind)]) for each in status.destinations],
            deliveries=[describe_delivery(each) for each in deliveries],
            **context,
        )


class BackupPasswordPage(FormPage):
    """Sets the password; nobody can read it again."""

    template_name = "cluster/backup_password.html"
    form_class = PasswordForm
    asks_for_proof = ("POST",)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(status=describe(), **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        backup_settings.set_password(
            form.cleaned_data["password"], actor=self.actor, administrator=self.administrator
        )
        messages.success(
            self.request, gettext("The backup password was set. Keep a copy elsewhere.")
        )
        return redirect("backup")


class BackupSchedulePage(FormPage):
    """When a backup is made by itself, and how many are kept."""

    template_name = "cluster/backup_schedule.html"
    form_class = ScheduleForm

    def get_initial(self) -> dict[str, object]:
        kept = BackupSettings.load()
        return {name: getattr(kept, name) for name in backup_settings.FIELDS}

    def submit(self, form: forms.Form) -> HttpResponse:
        backup_settings.change_settings(actor=self.actor, **form.cleaned_data)
        messages.success(self.request, gettext("The schedule was saved."))
        return redirect("backup")


class AddDestinationPage(FormPage):
    """Another place for backups, once the leader has tried it."""

    template_name = "cluster/backup_destination.html"
    asks_for_proof = ("POST",)

    @cached_property
    def kind(self) -> Kind:
        if self.kwargs["kind"] not in list(Kind):
            raise Http404
        return Kind(self.kwargs["kind"])

    def dispatch(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        self.form_class = destination_form(FIELDS[self.kind])
        return super().dispatch(request, *args, **captured)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(kind=KINDS[self.kind], **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        made = backup_settings.add_destination(self.kind, form.cleaned_data, actor=self.actor)
        messages.success(
            self.request,
            gettext("The leader can keep backups at %(place)s.") % {"place": made.place},
        )
        return redirect("backup")


class RemoveDestinationPage(FormPage):
    """Asks first: nothing is sent there any more, and nothing is removed there."""

    template_name = "cluster/backup_destination_remove.html"
    form_class = forms.Form
    asks_for_proof = ("POST",)

    @cached_property
    def destination(self) -> Any:
        try:
            return backup_settings.find_destination(self.kwargs["destination_id"])
        except DomainError:
            raise Http404 from None

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(destination=self.destination, **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        backup_settings.remove_destination(self.destination, actor=self.actor)
        messages.success(
            self.request,
            gettext("%(place)s gets no more backups.") % {"place": self.destination.place},
        )
        return redirect("backup")


class RunBackup(View):
    """Backs up now."""

    def post(self, request: HttpRequest, **captured: Any) -> HttpResponse:
        try:
            operation = backups.request_backup(actor=actor_from(request))
        except DomainError as error:
            messages.error(request, error.shown)
            return redirect("backup")
        return redirect("operation", operation.pk)


class DownloadBackup(View):
    """Gives the newest backup on this machine away."""

    asks_for_proof = ("POST",)

    def post(self, request: HttpRequest, **captured: Any) -> HttpResponseBase:
        try:
            return as_response(backups.take_file(actor=actor_from(request)).path)
        except DomainError as error:
            messages.error(request, error.shown)
            return redirect("backup")
