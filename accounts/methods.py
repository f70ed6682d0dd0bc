"""The second factor as two_factor's login view knows it."""

from two_factor.plugins.registry import MethodBase

from accounts.models import Authenticator


class AuthenticatorMethod(MethodBase):  # type: ignore[misc]  # untyped base
    """A code of our own ``Authenticator``."""

    code = "authenticator"
    verbose_name = "Authenticator application"

    def get_devices(self, user: object) -> list[Authenticator]:
        return list(Authenticator.objects.filter(user=user, confirmed=True))

    def recognize_device(self, device: object) -> bool:
        return isinstance(device, Authenticator)

    def get_token_form_class(self) -> type:
        from accounts.views.login import CodeForm

        return CodeForm
