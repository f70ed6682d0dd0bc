"""Pages that take one large file."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.views.page import FormPage
from audit.reserve import ENOUGH
from config.errors import DomainError
from config.uploads import BoundedUpload, DiskFull


@method_decorator(csrf_exempt, name="dispatch")  # checked below, once it is known how it is read
class UploadPage(FormPage):
    """A form whose ``file`` goes to the disk as it comes, and is cut off where it is too large."""

    def dispatch(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        self.limit = self.find_limit()
        self.handler = BoundedUpload(request, limit=self.limit, spare=ENOUGH)
        request.upload_handlers = [self.handler]
        return self._dispatch(request, *args, **captured)

    @method_decorator(csrf_protect)
    def _dispatch(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **captured)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        if error := self._find_cause():
            form.errors.pop("file", None)
            form.add_error("file", error.shown)
        return super().form_invalid(form)

    def _find_cause(self) -> DomainError | None:
        """Why the file was cut off, if it was."""
        if self.handler.is_disk_full:
            return DiskFull(field="file")
        return self.too_large() if self.handler.is_too_large else None

    def find_limit(self) -> int:
        """The largest file that is taken now, in bytes."""
        raise NotImplementedError

    def too_large(self) -> DomainError:
        """What is said of a larger one."""
        raise NotImplementedError
