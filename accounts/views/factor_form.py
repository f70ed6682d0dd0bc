"""A form that takes a second factor: a passkey by way of the page's script, or a code without."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Administrator
from accounts.services.factors import has_application
from accounts.webauthn.answers import LONGEST, Answer
from accounts.webauthn.ceremony import Question, ask_for_proof
from accounts.webauthn.console import Console, console_of

CODE_HELP = _("Six digits from your authenticator application, or one of your recovery codes.")
RECOVERY_HELP = _("One of your recovery codes.")


def answer_field() -> forms.CharField:
    """What the browser says for a passkey, as JSON; the page's script fills it in."""
    return forms.CharField(required=False, max_length=LONGEST, widget=forms.HiddenInput)


class SecondFactorForm(forms.Form):
    """A code, or the answer of a passkey in its place."""

    otp = forms.CharField(
        label=_("Code"),
        max_length=64,
        widget=forms.TextInput(
            attrs={
                "autofocus": True,
                "autocomplete": "one-time-code",
                "inputmode": "text",
                "data-or-passkey": True,
            }
        ),
    )
    passkey = answer_field()

    def __init__(self, *, user: Administrator, request: HttpRequest, **options: Any) -> None:
        super().__init__(**options)
        self.user, self.request = user, request
        self.has_application = has_application(user)
        code = self.fields["otp"]
        code.help_text = CODE_HELP if self.has_application else RECOVERY_HELP
        code.required = not self.data.get(self.add_prefix("passkey"))
        if user.passkeys.exists():
            code.error_messages["required"] = _("Enter a code, or use a passkey.")

    @cached_property
    def passkeys(self) -> "Offer":
        """What the page says of passkeys; asked for where it is shown, as it makes challenges."""
        return Offer(self.user, console_of(self.request))

    @property
    def given(self) -> dict[str, Any]:
        """What a service takes of this form; the wizard keeps what was cleaned as plain text."""
        text = self.cleaned_data.get("passkey")
        answer = Answer(text, console_of(self.request)) if text else None
        return self.cleaned_data | {"passkey": answer}


class Offer:
    """A person's passkeys as a page offers them: those that work here, and where others do."""

    def __init__(self, user: Administrator, console: Console) -> None:
        self.user, self.console = user, console

    @cached_property
    def questions(self) -> list[Question]:
        return ask_for_proof(self.user, console=self.console)

    @cached_property
    def bound_elsewhere(self) -> list[str]:
        """The names under which the others work."""
        bound_to = self.user.passkeys.order_by().values_list("rp_id", flat=True)
        here = {question.rp_id for question in self.questions}
        return sorted(set(bound_to) - here)
