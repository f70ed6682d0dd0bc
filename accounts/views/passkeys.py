"""One's own passkeys: adding, naming and removing them (S50)."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.actors import BY_PASSKEY
from accounts.models import Passkey
from accounts.services import passkeys
from accounts.services.credentials import Credential
from accounts.services.factors import has_application, stay_verified
from accounts.views.factor_form import answer_field
from accounts.views.page import FormPage
from accounts.views.second_factor import BothFactorsPage, WizardPage, given_by, tell_what_is_left
from accounts.webauthn.answers import Answer
from accounts.webauthn.ceremony import ask_for_new
from accounts.webauthn.console import Console, console_of
from config.errors import DomainError


class NameForm(forms.Form):
    """What a passkey is called."""

    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        help_text=_("So that you know it again: the key, telephone or computer that holds it."),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


class NewPasskeyForm(NameForm):
    """Its name, and what the browser made."""

    passkey = answer_field()

    def clean_passkey(self) -> str:
        answer: str = self.cleaned_data["passkey"]
        if not answer:
            raise forms.ValidationError("")
        return answer


class NewPasskeyPage(WizardPage):
    """Adds a passkey. Who it is, is asked before the browser is."""

    template_name = "accounts/passkey_new.html"
    forced_template_name = "accounts/passkey_first.html"
    form_class = NewPasskeyForm
    asks_for_proof = ("GET", "POST")

    def post(self, request: HttpRequest, *args: str, **kwargs: Any) -> HttpResponse:
        """A proof that was asked for in the page's place comes as a POST of its own."""
        if "name" not in request.POST:
            return redirect("passkey_new")
        return super().post(request, *args, **kwargs)

    @cached_property
    def console(self) -> Console:
        return console_of(self.request)

    @cached_property
    def problem(self) -> DomainError | None:
        """Why no passkey can be added, if so."""
        try:
            passkeys.check_can_add(self.administrator, console=self.console)
        except DomainError as problem:
            return problem
        return None

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        person = self.administrator
        asked = None if self.problem else ask_for_new(person, console=self.console)
        return super().get_context_data(
            problem=self.problem,
            question=asked,
            rp_id=self.console.rp_id,
            is_of_one_node=self.console.rp_id == self.console.host,
            has_other_way=has_application(person) or not person.two_factor,
            person=person,
            **context,
        )

    def submit(self, form: forms.Form) -> HttpResponse:
        made, codes = passkeys.add_passkey(
            self.administrator,
            actor=self.actor,
            name=form.cleaned_data["name"],
            answer=Answer(form.cleaned_data["passkey"], self.console),
            keep=Credential.of(self.request),
        )
        stay_verified(self.request, self.administrator)
        self.request.session.cycle_key()
        if codes:
            self.request.session[BY_PASSKEY] = True  # before, the password was all
            context = {"codes": codes, "was_enabled": True}
            return render(self.request, "accounts/recovery_codes.html", context)
        messages.success(self.request, _("The passkey %(name)s was added.") % {"name": made.name})
        return redirect("account")


class PasskeyPage(FormPage):
    """A page about one of one's own passkeys."""

    is_own_account = True

    @property
    def passkey(self) -> Passkey:
        return passkeys.find_passkey(self.administrator, public_id=self.kwargs["passkey_id"])

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(passkey=self.passkey, **context)


class RenamePasskeyPage(PasskeyPage):
    """Calls a passkey otherwise."""

    template_name = "accounts/passkey_rename.html"
    form_class = NameForm

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.passkey.name}

    def submit(self, form: forms.Form) -> HttpResponse:
        passkeys.rename_passkey(self.passkey, actor=self.actor, **form.cleaned_data)
        messages.success(self.request, _("The name was saved."))
        return redirect("account")


class RemovePasskeyPage(PasskeyPage, BothFactorsPage):
    """Removes a passkey."""

    template_name = "accounts/passkey_remove.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        person = self.administrator
        others = person.passkeys.count() > 1 or has_application(person)
        return super().get_context_data(is_last=not others, **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        given = given_by(form)
        passkeys.remove_passkey(
            self.passkey,
            actor=self.actor,
            password=given["password"],
            otp=given.get("otp", ""),
            answer=given.get("passkey"),
            keep=Credential.of(self.request),
        )
        stay_verified(self.request, self.administrator)
        messages.success(self.request, tell_what_is_left(self.administrator))
        return redirect("account")
