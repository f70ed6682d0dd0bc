"""The catalogue, and installing something of it or an image of one's own."""

from functools import cached_property
from typing import Any, cast

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.generic import TemplateView

from accounts.views.page import FormPage
from cluster.applications.catalogue import Template, find_template, list_templates
from cluster.applications.uploads import Upload
from cluster.applications.uploads import find as find_upload
from cluster.errors.applications import ImageUploadNotFound, TemplateNotFound
from cluster.services.applications import (
    request_install,
    wish_for_image,
    wish_for_template,
)
from cluster.views.application_forms import ImageForm, ParametersForm, PlaceForm
from nodes.services.nodes import find_node


class CataloguePage(TemplateView):
    """What can be installed."""

    template_name = "cluster/application_catalogue.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        node = self.request.GET.get("node", "")
        chosen = node if node.isdecimal() and len(node) < 7 else ""
        return super().get_context_data(templates=list_templates(), chosen=chosen, **context)


class TemplateForm(ParametersForm, PlaceForm):
    """A template's parameters, below the place."""


class FreeForm(ImageForm, PlaceForm):
    """Everything, below the place."""

    field_order = ("node", "name")


class InstallPage(FormPage):
    """One form: where, what it is called, and all that it needs."""

    template_name = "cluster/application_install.html"

    def get_initial(self) -> dict[str, Any]:
        return {"node": self.request.GET.get("node", ""), "name": self.suggested}

    @property
    def suggested(self) -> str:
        """A name that may do."""
        return ""


class InstallTemplatePage(InstallPage):
    """Of the catalogue."""

    form_class = TemplateForm

    @property
    def template(self) -> Template:
        try:
            return find_template(self.kwargs["slug"])
        except TemplateNotFound as error:
            raise Http404 from error

    @property
    def suggested(self) -> str:
        return str(self.kwargs["slug"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"template": self.template}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(template=self.template, **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        form = cast(TemplateForm, form)
        entered = form.cleaned_data
        wish = wish_for_template(
            self.template.slug,
            name=entered["name"],
            parameters=form.parameters,
            secrets=form.secrets,
        )
        node = find_node(entered["node"])
        return redirect("operation", request_install(node, actor=self.actor, wish=wish).pk)


class InstallImagePage(InstallPage):
    """Freely; ``?upload=`` names an archive that was sent here before."""

    form_class = FreeForm

    @cached_property
    def upload(self) -> Upload | None:
        """None also where it is gone meanwhile, which is said when it is to be installed."""
        try:
            return find_upload(self.request.GET.get("upload", ""))
        except ImageUploadNotFound:
            return None

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"image": self.upload.image if self.upload else ""}

    def get_form(self, form_class: type[forms.Form] | None = None) -> forms.Form:
        form = super().get_form(form_class)
        if self.upload:
            del form.fields["archive"]
        return form

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(upload=self.upload, **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        form = cast(FreeForm, form)
        entered = form.cleaned_data
        definition = form.definition | {"name": entered["name"]}
        upload = self.request.GET.get("upload", "")
        wish = wish_for_image(definition, secrets=form.given_secrets, upload=upload)
        node = find_node(entered["node"])
        return redirect("operation", request_install(node, actor=self.actor, wish=wish).pk)
