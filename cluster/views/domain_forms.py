"""Forms of the pages about domains."""

from collections.abc import Collection
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from cluster.services.domains import LONGEST_PASSWORD
from cluster.views.fields import MONO, node_choices
from nodes.agent.directory import LONGEST_AUTHORITY
from nodes.models import Node


class NameForm(forms.Form):
    """How a domain is called."""

    name = forms.CharField(
        max_length=253,
        label=_("Domain"),
        widget=forms.TextInput(attrs=MONO | {"placeholder": "example.org"}),
    )


class CreateForm(NameForm):
    """A domain that nodes provide."""

    port = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=65535,
        label=_("Port"),
        help_text=_(
            "Of each provider, at its node's VPN address. Leave it empty for 389, or for "
            "another one where a domain has that already."
        ),
    )


class LoginForm(forms.Form):
    """By what name directories elsewhere are read."""

    bind_dn = forms.CharField(
        max_length=255,
        required=False,
        label=_("Bind DN"),
        help_text=_("Leave it and the password empty where everybody may read."),
        widget=forms.TextInput(attrs=MONO),
    )
    password = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_PASSWORD,
        label=_("Its password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class RegisterForm(LoginForm, NameForm):
    """A domain that is provided elsewhere."""

    field_order = ("name", "urls", "base_dn", "bind_dn", "password")

    urls = forms.CharField(
        max_length=1600,
        label=_("Addresses"),
        help_text=_("One a line, such as ldaps://ldap.example.org; at most five."),
        widget=forms.Textarea(attrs=MONO | {"rows": 3}),
    )
    base_dn = forms.CharField(
        max_length=255,
        label=_("Base DN"),
        widget=forms.TextInput(attrs=MONO | {"placeholder": "dc=example,dc=org"}),
    )
    verify_tls = forms.BooleanField(
        required=False,
        initial=True,
        label=_("Accept only a certificate that the nodes can verify"),
        help_text=_(
            "With ldap:// there is no certificate: password and entries travel in the clear."
        ),
    )
    start_tls = forms.BooleanField(
        required=False,
        label=_("Begin TLS on ldap:// (StartTLS)"),
        help_text=_("Then there is a certificate with ldap:// too, and nothing is in the clear."),
    )
    ca = forms.CharField(
        required=False,
        max_length=LONGEST_AUTHORITY,
        label=_("Certificate that vouches for them"),
        help_text=_(
            "The authority's, or the directory's own (PEM). Leave it empty where each node trusts "
            "the authority already."
        ),
        widget=forms.Textarea(MONO | {"rows": 4, "placeholder": "-----BEGIN CERTIFICATE-----"}),
    )


class ProviderForm(forms.Form):
    """Which node shall provide a domain."""

    node = forms.TypedChoiceField(coerce=int, label=_("Node"))

    def __init__(self, *args: Any, without: Collection[Node], **options: Any) -> None:
        super().__init__(*args, **options)
        field = cast(forms.ChoiceField, self.fields["node"])
        field.choices = node_choices(without=without)
