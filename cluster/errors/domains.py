"""What can go wrong with domains and their providers."""

from django.utils.translation import gettext_noop as _

from config.errors import Conflict, Invalid, Missing


class DomainInvalid(Invalid):
    code = "domain_invalid"
    message = _("{problem}.")


class DomainKnown(Conflict):
    code = "domain_known"
    message = _("There is a domain {domain} already.")


class DomainPortTaken(Conflict):
    code = "domain_port_taken"
    message = _("Port {port} belongs to the domain {holder}. Choose another one.")


class DomainHasProviders(Conflict):
    code = "domain_has_providers"
    message = _("Nodes provide {domain}: {nodes}. Remove these providers first.")


class DomainIsExternal(Conflict):
    code = "domain_is_external"
    message = _("{domain} is provided elsewhere; no node of this cluster can provide it.")


class DomainBusy(Conflict):
    code = "domain_busy"
    message = _("A provider of {domain} is being added or removed. Try again when that is done.")


class ProviderKnown(Conflict):
    code = "provider_known"
    message = _("node{node} provides {domain} already.")


class ProviderNotFound(Missing):
    code = "provider_not_found"
    message = _("node{node} has no provider of {domain} that was added here.")


class DomainHasNoPassword(Conflict):
    code = "domain_has_no_password"
    message = _("{domain} is used without a password.")


class DomainPasswordDrawn(Invalid):
    code = "domain_password_drawn"
    message = "The password of a domain that is provided here is drawn: give none."
