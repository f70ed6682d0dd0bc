"""One application that was installed from here: how it is, what it writes, what can be done."""

from functools import cached_property
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from accounts.actors import actor_from
from accounts.views.page import FormPage
from cluster.applications.catalogue import find_template
from cluster.applications.standing import standing_of
from cluster.errors.applications import TemplateNotFound
from cluster.models import InstalledApplication, Operation
from cluster.services.application_logs import read_logs
from cluster.services.applications import (
    request_change,
    request_state,
    request_uninstall,
    wish_for_image,
    wish_for_template,
)
from cluster.views.application_forms import ImageForm, ParametersForm, initial_of
from cluster.views.application_words import figures
from cluster.views.confirmation import ConfirmedForm
from cluster.views.page import LivePage
from config.errors import DomainError
from nodes.models import Application

LINES = 200
ACTIONS = ("running", "stopped", "restarted")


def find(captured: dict[str, Any]) -> InstalledApplication:
    """What the path names, or 404."""
    found = InstalledApplication.objects.select_related("application__node__contact")
    listed = found.filter(application__in=Application.objects.managed())
    return get_object_or_404(
        listed, application__node_id=captured["node_id"], application__name=captured["name"]
    )


class ApplicationPage(LivePage):
    """Its state, what it is made of, and what is being done with it."""

    template_name = "cluster/application.html"
    fragment_name = "cluster/application_state.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        installed = find(self.kwargs)
        application = installed.application
        subject = f"node{application.node_id}/{application.name}"
        return super().get_context_data(
            installed=installed,
            application=application,
            node=application.node,
            definition=installed.definition,
            standing=standing_of(application),
            operation=Operation.objects.open().filter(subject=subject).first(),
            **context,
        )


class ApplicationLogs(LivePage):
    """The last lines and what it uses: asked of the node each time."""

    template_name = "cluster/application_log_page.html"
    fragment_name = "cluster/application_logs.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        installed = find(self.kwargs)
        try:
            logs, problem = read_logs(installed, lines=LINES), ""
        except DomainError as error:
            logs, problem = None, error.shown
        return super().get_context_data(
            application=installed.application,
            logs=logs,
            problem=problem,
            figures=figures(logs.usage) if logs else [],
            **context,
        )


class ChangeApplicationState(View):
    """Start, stop or restart."""

    def post(self, request: HttpRequest, **captured: Any) -> HttpResponse:
        installed, action = find(captured), request.POST.get("state", "")
        back: HttpResponse = redirect("application", **captured)
        if action not in ACTIONS:
            return back
        try:
            operation = request_state(installed, actor=actor_from(request), action=action)
        except DomainError as error:
            messages.error(request, error.shown)
            return back
        return redirect("operation", operation.pk)


class OneApplicationPage(FormPage):
    """A form about the application that the path names."""

    @cached_property
    def installed(self) -> InstalledApplication:
        return find(self.kwargs)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(
            installed=self.installed, application=self.installed.application, **context
        )


class ChangeApplicationPage(OneApplicationPage):
    """Another image, other parameters: what is there goes on until the new one is healthy."""

    template_name = "cluster/application_change.html"

    @property
    def has_template(self) -> bool:
        """Whether the catalogue still knows it."""
        try:
            find_template(self.installed.template)
        except TemplateNotFound:
            return False
        return True

    def get_form_class(self) -> type[forms.Form]:
        return ParametersForm if self.has_template else ImageForm

    def get_form_kwargs(self) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if self.has_template:
            more = {"template": find_template(self.installed.template), "is_change": True}
        return super().get_form_kwargs() | more

    def get_initial(self) -> dict[str, Any]:
        installed = self.installed
        return installed.parameters if self.has_template else initial_of(installed.definition)

    def submit(self, form: forms.Form) -> HttpResponse:
        name = self.installed.application.name
        if isinstance(form, ParametersForm):
            wish = wish_for_template(
                self.installed.template, name=name, parameters=form.parameters, secrets=form.secrets
            )
        else:
            free = cast(ImageForm, form)
            wish = wish_for_image(
                self.installed.definition | free.definition, secrets=free.given_secrets
            )
        return redirect("operation", request_change(self.installed, actor=self.actor, wish=wish).pk)


class RemoveApplicationForm(ConfirmedForm):
    """What has to be typed; without wiping, typing the name is enough caution too."""

    wipe = forms.BooleanField(
        required=False,
        label=_("Delete everything that it has stored, too"),
        help_text=_("Its volumes and its directory on the node. This cannot be undone."),
    )


class RemoveApplicationPage(OneApplicationPage):
    """Says what will go and what stays."""

    template_name = "cluster/application_remove.html"
    form_class = RemoveApplicationForm
    asks_for_proof = ("POST",)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"expected": self.installed.application.name}

    def submit(self, form: forms.Form) -> HttpResponse:
        entered = form.cleaned_data
        operation = request_uninstall(
            self.installed,
            actor=self.actor,
            confirmation=entered["confirmation"],
            wipe=entered["wipe"],
        )
        return redirect("operation", operation.pk)
