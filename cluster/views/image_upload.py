"""Sending an image archive from the browser, for a node to install from."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from cluster.applications.uploads import room
from cluster.errors.applications import ImageUploadTooLarge
from cluster.services.image_uploads import keep_image
from cluster.views.upload import UploadPage
from config.errors import DomainError
from config.uploads import path_of
from nodes.agent.applications.freight import MEGABYTE


class ImageUploadForm(forms.Form):
    """The file alone: what is to be made of it is asked afterwards."""

    file = forms.FileField(
        label=_("Image archive"),
        help_text=_("A .tar file, as podman save or docker save writes it."),
    )


class ImageUploadPage(UploadPage):
    """Takes the file, and leads to the form that installs it."""

    template_name = "cluster/application_upload.html"
    form_class = ImageUploadForm

    def find_limit(self) -> int:
        return room()

    def too_large(self) -> DomainError:
        return ImageUploadTooLarge(limit=self.limit // MEGABYTE)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(room=self.limit, **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        upload = keep_image(path_of(form.cleaned_data["file"]), actor=self.actor)
        chosen = {"upload": upload.sha256, "node": self.request.GET.get("node", "")}
        return redirect(f"{reverse('application_install_image')}?{urlencode(chosen)}")
