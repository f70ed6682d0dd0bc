"""Why a syslog receiver has not taken what it was sent: each cause has a code of its own."""

from typing import ClassVar

from django.utils.translation import gettext_noop as _

from config.errors import DomainError, Invalid


class ReceiverFailed(DomainError):
    """The receiver, or the way to it, is not as the settings say (422)."""

    code: ClassVar[str] = "syslog_failed"
    message = _("The receiver has not taken it.")
    status = 422


class ReceiverNameUnknown(ReceiverFailed):
    code = "syslog_name_unknown"
    message = _("{host} cannot be resolved. Check the name, and this machine's DNS.")


class ReceiverRefused(ReceiverFailed):
    code = "syslog_refused"
    message = _("Nothing listens at {host}, port {port}. Check the port, and whether it runs.")


class ReceiverUnreachable(ReceiverFailed):
    code = "syslog_unreachable"
    message = _("{host} cannot be reached: {problem}. Check the network between.")


class ReceiverTimeout(ReceiverFailed):
    code = "syslog_timeout"
    message = _("{host}, port {port}, did not answer in time. Check firewalls, and its load.")


class ReceiverNotTrusted(ReceiverFailed):
    code = "syslog_certificate_untrusted"
    message = _(
        "The certificate of {host} is not trusted: {problem}. Paste its own certificate, or that "
        "of whoever signed it."
    )


class ReceiverOfAnotherName(ReceiverFailed):
    code = "syslog_certificate_name"
    message = _("The certificate shown there is not for {host}: {problem}")


class ReceiverWithoutTls(ReceiverFailed):
    code = "syslog_tls_failed"
    message = _("No TLS connection with {host}, port {port}: {problem}. Check that it expects TLS.")


class ReceiverLeft(ReceiverFailed):
    code = "syslog_connection_lost"
    message = _("{host} closed the connection before it had taken everything. Look at its log.")


class ReceiverAnswered(ReceiverFailed):
    code = "syslog_answered"
    message = _(
        "{host}, port {port}, answered, as no syslog receiver does. Check the port, and whether it "
        "expects TLS."
    )


class ReceiverSilent(ReceiverFailed):
    code = "syslog_unconfirmed"
    message = _(
        "{host} did not end the connection as RFC 5425 asks, so nobody knows what it has taken. "
        "Look at its log."
    )


class CertificateUnreadable(Invalid):
    code = "syslog_certificate_unreadable"
    message = _("This is not a certificate. Paste one or more in PEM form, without a key.")


class PlaceUnknown(Invalid):
    code = "syslog_host_invalid"
    message = _("Give a host name or an IP address, such as syslog.example.org.")
