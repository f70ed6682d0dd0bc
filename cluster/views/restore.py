"""Restoring a backup in the browser, on a machine that belongs to no cluster (S9)."""

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from cluster.errors.backup import BackupTooLarge
from cluster.services.restoring import request_restore
from cluster.views.fields import MONO
from cluster.views.upload import UploadPage
from cluster.views.welcome import OnlyUninitialised
from config.errors import DomainError
from config.uploads import path_of
from nodes.role import current

MEGABYTE = 1024 * 1024
LARGEST = 512
"""Megabytes that a browser may send: opening a backup takes a few times as much memory."""


class RestoreForm(forms.Form):
    """The file, its password, and where other machines will reach this one."""

    file = forms.FileField(
        label=_("Backup file"),
        help_text=_(
            "Its name ends in .age. It was downloaded from a leader, or is at one of the "
            "places where the cluster kept its backups."
        ),
    )
    password = forms.CharField(
        strip=False,
        max_length=1_000,
        label=_("Backup password"),
        help_text=_("The one that was set when the backup was made."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    endpoint = forms.CharField(
        label=_("Public VPN endpoint"),
        help_text=_("Name or address, and UDP port, at which the other machines reach this one."),
        widget=forms.TextInput(attrs=MONO),
    )


class RestorePage(UploadPage, OnlyUninitialised):
    """Takes a backup, and leads to the operation that restores it."""

    template_name = "cluster/restore.html"
    form_class = RestoreForm

    def find_limit(self) -> int:
        return LARGEST * MEGABYTE

    def too_large(self) -> DomainError:
        return BackupTooLarge(limit=LARGEST)

    def get_initial(self) -> dict[str, object]:
        return {"endpoint": f"{current().fqdn}:{settings.FLOTILLA.VPN_PORT}"}

    def submit(self, form: forms.Form) -> HttpResponse:
        given = form.cleaned_data
        operation = request_restore(
            path_of(given["file"]),
            actor=self.actor,
            password=given["password"],
            endpoint=given["endpoint"],
        )
        return render(self.request, "cluster/restoring.html", {"operation": operation})
