"""Settings, Cluster administrators (S45 to S47)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from accounts.models import Administrator
from accounts.services import (
    change_administrator,
    create_administrator,
    delete_administrator,
    reset_password,
)
from accounts.services.people import everybody, find_administrator
from accounts.services.policy import get_policy
from accounts.views.fields import NetworksField
from accounts.views.page import FormPage

ROLES = [
    ("administrator", _("Administrator: may do everything")),
    ("auditor", _("Auditor: may read everything, and change nothing")),
]


class PersonForm(forms.Form):
    """What can be said about a person."""

    full_name = forms.CharField(label=_("Full name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
    allowed_networks = NetworksField(
        help_text=_("Where they may come from, such as 192.0.2.0/24; one a line. Empty: anywhere.")
    )


class NewPersonForm(PersonForm):
    """A new account."""

    username = forms.CharField(
        label=_("User name"),
        max_length=32,
        help_text=_("Lower-case letters, digits, - and _. It stays in the audit trail for ever."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    field_order = ("username", "full_name", "email", "role", "allowed_networks")


class EditPersonForm(PersonForm):
    """An account that exists."""

    is_active = forms.BooleanField(
        label=_("Active"), required=False, help_text=_("Who is not active cannot log in.")
    )
    field_order = ("full_name", "email", "role", "is_active", "allowed_networks")


class AdministratorsPage(TemplateView):
    """Everybody who may enter."""

    template_name = "accounts/administrators.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(administrators=everybody(), policy=get_policy(), **context)


class NewAdministratorPage(FormPage):
    """Makes an account and shows its one-time password, this once."""

    template_name = "accounts/new_administrator.html"
    form_class = NewPersonForm
    asks_for_proof = ("POST",)

    def submit(self, form: forms.Form) -> HttpResponse:
        made, password = create_administrator(actor=self.actor, **form.cleaned_data)
        return show_password(self, made, password, is_new=True)


class PersonPage(FormPage):
    """A page about one administrator."""

    @property
    def person(self) -> Administrator:
        return find_administrator(self.kwargs["username"])

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(
            person=self.person, is_me=self.actor.is_self(self.kwargs["username"]), **context
        )


class AdministratorPage(PersonPage):
    """Changes an account."""

    template_name = "accounts/administrator.html"
    form_class = EditPersonForm
    asks_for_proof = ("POST",)

    def get_initial(self) -> dict[str, Any]:
        person = self.person
        return {name: getattr(person, name) for name in EditPersonForm.base_fields}

    def submit(self, form: forms.Form) -> HttpResponse:
        changed = change_administrator(self.person, actor=self.actor, **form.cleaned_data)
        messages.success(self.request, _("%(name)s was saved.") % {"name": changed.username})
        return redirect("administrators")


class ResetPasswordPage(PersonPage):
    """Asks before it gives another person a one-time password."""

    template_name = "accounts/reset_password.html"
    form_class = forms.Form
    asks_for_proof = ("POST",)

    def submit(self, form: forms.Form) -> HttpResponse:
        person = self.person
        password = reset_password(person, actor=self.actor)
        return show_password(self, person, password, is_new=False)


class DeleteAdministratorPage(PersonPage):
    """Asks before it deletes an account; there is no way to delete one's own (S46)."""

    template_name = "accounts/delete_administrator.html"
    form_class = forms.Form
    asks_for_proof = ("POST",)

    def submit(self, form: forms.Form) -> HttpResponse:
        person = self.person
        delete_administrator(person, actor=self.actor)
        messages.success(self.request, _("%(name)s was deleted.") % {"name": person.username})
        return redirect("administrators")


def show_password(
    page: FormPage, person: Administrator, password: str, *, is_new: bool
) -> HttpResponse:
    """The one-time password, shown this once."""
    context = {"person": person, "password": password, "is_new": is_new}
    return render(page.request, "accounts/one_time_password.html", context)
