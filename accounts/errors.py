"""What can go wrong with accounts, factors, sessions and tokens."""

from django.utils.translation import gettext_noop as _

from config.errors import Conflict, DomainError, Invalid, Missing, Refused, Unavailable


class AuthenticationFailed(DomainError):
    """The one answer to an unknown user, a wrong password, a wrong code and a blocked network."""

    code = "authentication_failed"
    message = _("The user name, the password or the code is wrong, or not accepted from here.")
    status = 401


class TooManyAttempts(DomainError):
    code = "too_many_attempts"
    message = _("Too many failed attempts. Try again in an hour, or ask another administrator.")
    status = 429
    retry_after = 3600


class TooManyLogins(Unavailable):
    """Of everybody together, whoever they are."""

    code = "too_many_logins"
    message = _("Too many people are logging in at this moment. Try again in a few seconds.")


class AccountGone(DomainError):
    code = "account_gone"
    message = _("This account was deleted a moment ago.")
    status = 401


class SecondFactorRequired(Refused):
    code = "second_factor_required"
    message = _("Log in with your second factor.")


class SecondFactorMissing(SecondFactorRequired):
    """The cluster asks everybody for one, and this account has none."""

    message = _("Set up a second factor first; until then nothing else is open.")


class OwnSecondFactorFirst(Conflict):
    code = "own_second_factor_first"
    message = _(
        "Set up your own second factor first: without one you could do nothing else any more."
    )


class ProofRequired(Refused):
    """Step-up: the last proof is too old for this."""

    code = "proof_required"
    message = _("Give your password, and a code if you have a second factor, again for this.")


class ProofNotAccepted(Invalid):
    """One answer to a wrong password and a wrong code."""

    code = "proof_not_accepted"
    message = _("The password or the code is wrong, or the code was used already.")


class NetworkNotAllowed(Refused):
    code = "network_not_allowed"
    message = _("This account or token may not be used from {address}.")


class ReadOnlyAccess(Refused):
    code = "read_only_access"
    message = _("This account or token may read, and change nothing.")


class PasswordChangeRequired(Refused):
    code = "password_change_required"
    message = _("Change your password first; until then nothing else is open.")


class LoginRequired(Refused):
    code = "login_required"
    message = _("Log in for this; a named API token is not enough.")


class WrongPassword(Invalid):
    code = "wrong_password"
    message = _("This is not your current password.")


class PasswordNotAcceptable(Invalid):
    code = "password_not_acceptable"
    message = "{reasons}"


class UsernameTaken(Invalid):
    code = "username_taken"
    message = _("There is an administrator {username} already.")


class InvalidUsername(Invalid):
    code = "invalid_username"
    message = _("Use 1 to 32 lower-case letters, digits, - and _; begin with a letter or _.")


class InvalidNetwork(Invalid):
    code = "invalid_network"
    message = _("{value} is not a network such as 192.0.2.0/24 or 2001:db8::/32.")


class NetworkLocksOut(Invalid):
    code = "network_locks_out"
    message = _("You come from {address}, which is in none of these networks.")


class AdministratorNotFound(Missing):
    code = "administrator_not_found"
    message = _("There is no administrator {username}.")


class CannotDeleteSelf(Conflict):
    """S46."""

    code = "cannot_delete_self"
    message = _("You cannot delete your own account; another administrator can.")


class CannotResetSelf(Conflict):
    code = "cannot_reset_self"
    message = _("Change your own password under Account, with the current one.")


class LastAdministrator(Conflict):
    code = "last_administrator"
    message = _("{username} is the last active administrator; make another one first.")


class TotpAlreadyEnabled(Conflict):
    code = "totp_already_enabled"
    message = _("Two-factor authentication is on already; disable it first.")


class TotpNotEnabled(Conflict):
    code = "totp_not_enabled"
    message = _("Two-factor authentication is not on.")


class TotpNotStarted(Conflict):
    code = "totp_not_started"
    message = _("Begin with a new key: there is none that waits for its first code.")


class WrongCode(Invalid):
    code = "wrong_code"
    message = _(
        "This code is wrong, or was used already. Enter the one your application shows now."
    )


class PasskeysNeedName(Conflict):
    """A browser binds a passkey to the name in its address bar, and never to an IP address."""

    code = "passkeys_need_name"
    message = _(
        "Passkeys work only under this console's own name. You opened it as {host}; open it as "
        "{name}."
    )


class PasskeyNotAccepted(Invalid):
    """``reason`` is for the audit trail, as is ``passkey``, where it is known."""

    code = "passkey_not_accepted"
    message = _("The passkey was not accepted. Try again, or use a code.")

    def __init__(self, *, reason: str, passkey: object = "") -> None:
        super().__init__()
        self.reason, self.passkey = reason, str(passkey)


class PasskeyNotFound(Missing):
    code = "passkey_not_found"
    message = _("You have no such passkey.")


class TooManyPasskeys(Conflict):
    code = "too_many_passkeys"
    message = _("You have {count} passkeys; remove one first.")


class PasskeyDomainMalformed(Invalid):
    code = "passkey_domain_malformed"
    message = _("{domain} is not a domain such as example.org.")


class PasskeyDomainUnfit(Invalid):
    code = "passkey_domain_unfit"
    message = _(
        "{fqdn} is not below {domain}, as every node must be; leave it empty, or rename it."
    )


class TokenNotFound(Missing):
    code = "token_not_found"
    message = _("You have no such token.")


class TokenLifetimeTooLong(Invalid):
    code = "token_lifetime_too_long"
    message = _("A token lives for a year at most.")


class SessionNotFound(Missing):
    code = "session_not_found"
    message = _("You have no such session.")


class InvalidData(Invalid):
    """What a command was given."""

    code = "invalid_data"
    message = "{problem}"


class OnlyUserEnablesTwoFactor(Invalid):
    code = "only_user_enables_two_factor"
    message = _("Only the user can enable two-factor authentication, in the console.")


class NotTheLeader(Conflict):
    """Accounts are changed on the leader; workers hold a copy."""

    code = "accounts_not_the_leader"
    message = _("This node is {role}. Run the command on the leader: {leader}.")
