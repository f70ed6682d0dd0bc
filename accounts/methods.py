"""The second factor as two_factor's login view knows it."""

from django_otp.models import Device
from two_factor.plugins.registry import MethodBase

from accounts.models import Authenticator, Passkey


class AuthenticatorMethod(MethodBase):  # type: ignore[misc]  # untyped base
    """A code of our own ``Authenticator``, or a passkey, or a recovery code: one form takes all."""

    code = "authenticator"
    verbose_name = "Authenticator application"

    def get_devices(self, user: object) -> list[Device]:
        applications = Authenticator.objects.filter(user=user, confirmed=True)
        return [*applications, *Passkey.objects.filter(user=user, confirmed=True)]

    def recognize_device(self, device: object) -> bool:
        return isinstance(device, Authenticator | Passkey)

    def get_token_form_class(self) -> type:
        from accounts.views.login import CodeForm

        return CodeForm
