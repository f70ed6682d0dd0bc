"""The account card: who I am, how I log in, and where I am logged in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import (
    get_language_from_request,
    gettext,
    override,
)
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from accounts.actors import actor_from
from accounts.models import Administrator, ApiToken
from accounts.services.administrators import change_administrator
from accounts.services.factors import has_application
from accounts.services.people import me
from accounts.services.sessions import end_other_sessions, end_session, list_sessions
from accounts.views.page import FormPage


class AccountPage(TemplateView):
    """One's own account (S48, S50)."""

    template_name = "accounts/account.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        administrator = me(self.request)
        return super().get_context_data(
            administrator=administrator,
            sessions=list_sessions(administrator),
            current_session=self.request.session.session_key,
            passkeys=administrator.passkeys.all(),
            has_application=has_application(administrator),
            language=LanguageForm(initial={"language": administrator.language}),
            tokens=ApiToken.objects.filter(user=administrator),
            **context,
        )


class LanguageForm(forms.Form):
    """The console's language."""

    language = forms.ChoiceField(
        label=_("Language of the pages"), choices=Administrator.Language.choices, required=False
    )


class ChooseLanguage(FormPage):
    """Changes it; the answer speaks it already."""

    http_method_names = ["post"]
    is_own_account = True
    form_class = LanguageForm

    def submit(self, form: forms.Form) -> HttpResponse:
        chosen = form.cleaned_data["language"]
        change_administrator(self.administrator, actor=self.actor, language=chosen)
        with override(chosen or get_language_from_request(self.request)):
            messages.success(self.request, gettext("The language was changed."))
        return redirect("account")

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        messages.error(self.request, gettext("There is no such language."))
        return redirect("account")


class EndSession(View):
    """Ends one session."""

    http_method_names = ["post"]
    is_own_account = True

    def post(self, request: HttpRequest, session_id: str) -> HttpResponse:
        end_session(me(request), actor=actor_from(request), session_id=session_id)
        messages.success(request, _("The session was ended."))
        return redirect("account")


class EndOtherSessions(View):
    """Ends every session but this one."""

    http_method_names = ["post"]
    is_own_account = True

    def post(self, request: HttpRequest) -> HttpResponse:
        keep = request.session.session_key
        ended = end_other_sessions(me(request), actor=actor_from(request), keep=keep)
        messages.success(request, _("%(count)d other sessions were ended.") % {"count": ended})
        return redirect("account")
