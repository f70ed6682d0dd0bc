"""Domains of accounts: which there are, who provides them, and what applications enter (S16)."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from accounts.views.page import FormPage
from cluster.domains.members import is_busy, nodes_of, providers_of
from cluster.domains.names import application_of
from cluster.domains.recipe import ARCHIVE, url_of
from cluster.models import Domain, Operation
from cluster.services import directory_standing, domains, providers
from cluster.services.domain_list import find_row, list_rows
from cluster.views.confirmation import ConfirmedForm
from cluster.views.domain_forms import CreateForm, LoginForm, ProviderForm, RegisterForm
from cluster.views.page import LivePage
from config.errors import DomainError
from nodes.models import Node
from nodes.services.nodes import find_node


def find(captured: dict[str, Any]) -> Domain:
    """What the path names, or 404."""
    try:
        return domains.find_domain(captured["name"])
    except DomainError:
        raise Http404 from None


class DomainsPage(LivePage):
    """The domains that were made here or that nodes show, and where their providers are."""

    template_name = "cluster/domains.html"
    fragment_name = "cluster/domains_list.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(domains=list_rows(), **context)


class DomainPage(LivePage):
    """One domain: its providers, and what applications enter to use it."""

    template_name = "cluster/domain.html"
    fragment_name = "cluster/domain_state.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        domain = find(self.kwargs)
        ending = f"/{application_of(domain.name)}"
        return super().get_context_data(
            domain=domain,
            row=find_row(domain.name),
            providers=[(each, url_of(domain, each.application.node)) for each in _of(domain)],
            operations=Operation.objects.open().filter(subject__endswith=ending),
            **context,
        )


def _of(domain: Domain) -> list[Any]:
    return list(providers_of(domain)) if domain.is_provided else []


class DomainStanding(LivePage):
    """Whether its directories answer and are in step: asked of the nodes each time.

    That takes seconds where one does not answer, so that the page comes before the part that asks.
    """

    template_name = "cluster/domain_standing_page.html"
    fragment_name = "cluster/domain_standing.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        domain = find(self.kwargs)
        asks = getattr(self.request, "htmx", False) or "now" in self.request.GET
        sights = directory_standing.look(domain) if asks else None
        return super().get_context_data(domain=domain, sights=sights, **context)


class CreateDomainPage(FormPage):
    """A domain that nodes of this cluster will provide."""

    template_name = "cluster/domain_create.html"
    form_class = CreateForm

    def submit(self, form: forms.Form) -> HttpResponse:
        entered = form.cleaned_data
        domain = domains.create_domain(entered["name"], actor=self.actor, port=entered["port"])
        messages.success(
            self.request,
            gettext("%(domain)s was created. Add its first provider.") % {"domain": domain},
        )
        return redirect("domain", domain.name)


class RegisterDomainPage(FormPage):
    """A domain that is provided by directories elsewhere."""

    template_name = "cluster/domain_register.html"
    form_class = RegisterForm

    def submit(self, form: forms.Form) -> HttpResponse:
        entered = dict(form.cleaned_data)
        name, urls = entered.pop("name"), entered.pop("urls").split()
        directory = domains.Directory(urls=urls, **entered)
        domain = domains.register_domain(name, actor=self.actor, directory=directory)
        messages.success(self.request, gettext("%(domain)s was registered.") % {"domain": domain})
        return redirect("domain", domain.name)


class OneDomainPage(FormPage):
    """A form about the domain that the path names."""

    @cached_property
    def domain(self) -> Domain:
        return find(self.kwargs)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(domain=self.domain, **context)


class DomainPasswordPage(OneDomainPage):
    """Shows the bind DN's password to whoever asks for it, and records that."""

    template_name = "cluster/domain_password.html"
    form_class = forms.Form
    asks_for_proof = ("POST",)

    def submit(self, form: forms.Form) -> HttpResponse:
        password = domains.reveal_password(self.domain, actor=self.actor)
        shown = self.get_context_data(form=form, password=password)
        return self.render_to_response(shown)


class ChangePasswordPage(OneDomainPage):
    """A new password for the providers, or another login at directories elsewhere."""

    template_name = "cluster/domain_password_change.html"
    asks_for_proof = ("POST",)

    def get_form_class(self) -> type[forms.Form]:
        return forms.Form if self.domain.is_provided else LoginForm

    def get_initial(self) -> dict[str, Any]:
        return {"bind_dn": self.domain.bind_dn}

    def submit(self, form: forms.Form) -> HttpResponse:
        domains.change_password(self.domain, actor=self.actor, **form.cleaned_data)
        if self.domain.is_provided:
            told = gettext("The password was changed. The providers are told one after the other.")
        else:
            told = gettext("The login was changed.")
        messages.success(self.request, told)
        return redirect("domain", self.domain.name)


class RemoveDomainPage(OneDomainPage):
    """Forgets a domain that no node provides any more."""

    template_name = "cluster/domain_remove.html"
    form_class = ConfirmedForm
    asks_for_proof = ("POST",)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"expected": self.domain.name}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(providers=nodes_of(self.domain), **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        entered = form.cleaned_data["confirmation"]
        domains.remove_domain(self.domain, actor=self.actor, confirmation=entered)
        messages.success(self.request, gettext("%(domain)s was removed.") % {"domain": self.domain})
        return redirect("domains")


class AddProviderPage(OneDomainPage):
    """Another node that provides the domain."""

    template_name = "cluster/provider_add.html"
    form_class = ProviderForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"without": nodes_of(self.domain)}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        present = nodes_of(self.domain)
        return super().get_context_data(
            present=present, archive=ARCHIVE, is_busy=is_busy(self.domain), **context
        )

    def submit(self, form: forms.Form) -> HttpResponse:
        node = find_node(form.cleaned_data["node"])
        return redirect(
            "operation", providers.request_provider(self.domain, node, actor=self.actor).pk
        )


class RemoveProviderPage(OneDomainPage):
    """Says what goes; the last one takes the entries with it."""

    template_name = "cluster/provider_remove.html"
    form_class = ConfirmedForm
    asks_for_proof = ("POST",)

    @cached_property
    def node(self) -> Node:
        try:
            return providers.find_provider(self.domain, self.kwargs["node_id"]).application.node
        except DomainError:
            raise Http404 from None

    @property
    def others(self) -> list[Node]:
        return [node for node in nodes_of(self.domain) if node.pk != self.node.pk]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"expected": self.domain.name}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(node=self.node, others=self.others, **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        operation = providers.request_provider_removal(
            self.domain,
            self.node.pk,
            actor=self.actor,
            confirmation=form.cleaned_data["confirmation"],
        )
        return redirect("operation", operation.pk)
