"""Pages that take one large file."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.views.page import FormPage
from config.errors import DomainError
from config.uploads import BoundedUpload


@method_decorator(csrf_exempt, name="dispatch")  # checked below, once it is known how it is read
class UploadPage(FormPage):
    """A form whose ``file`` goes to the disk as it comes, and is cut off where it is too large."""

    def dispatch(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        self.limit = self.find_limit()
        self.handler = BoundedUpload(request, limit=self.limit)
        request.upload_handlers = [self.handler]
        return self._dispatch(request, *args, **captured)

    @method_decorator(csrf_protect)
    def _dispatch(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **captured)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        if self.handler.is_too_large:
            form.errors.pop("file", None)
            form.add_error("file", self.too_large().shown)
        return super().form_invalid(form)

    def find_limit(self) -> int:
        """The largest file that is taken now, in bytes."""
        raise NotImplementedError

    def too_large(self) -> DomainError:
        """What is said of a larger one."""
        raise NotImplementedError
