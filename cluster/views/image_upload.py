"""Sending an image archive from the browser, for a node to install from."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.views.page import FormPage
from cluster.applications.uploads import room
from cluster.errors.applications import ImageUploadTooLarge
from cluster.services.image_uploads import keep_image
from config.uploads import BoundedUpload, path_of
from nodes.agent.applications.freight import MEGABYTE


class ImageUploadForm(forms.Form):
    """The file alone: what is to be made of it is asked afterwards."""

    file = forms.FileField(
        label=_("Image archive"),
        help_text=_("A .tar file, as podman save or docker save writes it."),
    )


@method_decorator(csrf_exempt, name="dispatch")  # checked below, once it is known who sends it
class ImageUploadPage(FormPage):
    """Takes the file, and leads to the form that installs it."""

    template_name = "cluster/application_upload.html"
    form_class = ImageUploadForm

    def dispatch(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        self.room = room()
        self.handler = BoundedUpload(request, limit=self.room)
        request.upload_handlers = [self.handler]
        return self._dispatch(request, *args, **captured)

    @method_decorator(csrf_protect)
    def _dispatch(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **captured)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(room=self.room, **context)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        if self.handler.is_too_large:
            form.errors.pop("file", None)
            form.add_error("file", ImageUploadTooLarge(limit=self.room // MEGABYTE).shown)
        return super().form_invalid(form)

    def submit(self, form: forms.Form) -> HttpResponse:
        upload = keep_image(path_of(form.cleaned_data["file"]), actor=self.actor)
        chosen = {"upload": upload.sha256, "node": self.request.GET.get("node", "")}
        return redirect(f"{reverse('application_install_image')}?{urlencode(chosen)}")
