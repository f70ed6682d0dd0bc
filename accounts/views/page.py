"""What the pages of accounts have in common."""

from typing import TYPE_CHECKING

from django.forms import Form
from django.http import HttpResponse
from django.views.generic import FormView

from accounts.actors import actor_from
from accounts.models import Administrator
from accounts.services.people import me
from audit.actor import Actor
from config.errors import DomainError

if TYPE_CHECKING:
    FormsView = FormView[Form]
else:
    FormsView = FormView


class FormPage(FormsView):
    """A form whose refusals by the domain appear beside the field that they concern."""

    @property
    def actor(self) -> Actor:
        return actor_from(self.request)

    @property
    def administrator(self) -> Administrator:
        """Who looks at the page."""
        return me(self.request)

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            return self.submit(form)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.shown)
            return self.form_invalid(form)

    def submit(self, form: Form) -> HttpResponse:
        """Do what the form asks for, and say where to go next; raises DomainError."""
        raise NotImplementedError
