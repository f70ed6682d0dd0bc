"""The page that asks for password and code again, in the place of one that needs a fresh proof.

It sends what was typed into the other page along, to the same address: once the proof is right,
that is done which was asked for.
"""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.errors import TooManyAttempts
from accounts.services.people import me
from accounts.services.proof import prove
from accounts.throttles import ProofThrottle
from accounts.views.login import refusal_as_form_error
from accounts.views.second_factor import ProveBothForm
from config.requests import came_from

PREFIX = "proof"
OWN_FIELDS = (
    "csrfmiddlewaretoken",
    *(f"{PREFIX}-{name}" for name in ("password", "otp", "passkey")),
)


class ProofForm(ProveBothForm):
    """Password, and a code or a passkey where there is a second factor."""

    def __init__(self, *, request: HttpRequest, **options: Any) -> None:
        person = me(request)
        super().__init__(prefix=PREFIX, user=person, request=request, **options)
        if not person.two_factor:
            del self.fields["otp"], self.fields["passkey"]

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            with refusal_as_form_error():
                self._prove()
        return self.cleaned_data

    def _prove(self) -> None:
        asked = Request(self.request)
        asked.user = self.request.user  # else it makes everybody anonymous
        if not ProofThrottle().allow_request(asked, APIView()):
            raise TooManyAttempts()
        prove(self.request, **self.given)


def ask_for_proof(request: HttpRequest) -> HttpResponse | None:
    """The page that asks; None where ``request`` brings a proof, which is then noted."""
    brought = request.POST if f"{PREFIX}-password" in request.POST else None
    form = ProofForm(request=request, data=brought)
    if form.is_valid():
        return None
    context = {"form": form, "typed": list(_typed(request)), "back": came_from(request) or "/"}
    return render(request, "accounts/proof.html", context)


def _typed(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """What belongs to the page that was asked for."""
    for name, values in request.POST.lists():
        if name not in OWN_FIELDS:
            yield from ((name, str(value)) for value in values)
