"""All second factors of a person together: application, passkeys and recovery codes (S49, S50)."""

from django.http import HttpRequest
from django_otp import login as verify_session
from django_otp.models import Device
from rest_framework.request import Request

from accounts import recovery_codes
from accounts.models import Administrator, Authenticator, Passkey, RecoveryCode


def device_of(administrator: Administrator) -> Device | None:
    """What a session is verified by, where the factor that was used has no row of its own."""
    found: Device | None = (
        Authenticator.objects.filter(user=administrator, confirmed=True).first()
        or Passkey.objects.filter(user=administrator, confirmed=True).first()
    )
    return found


def stay_verified(request: HttpRequest | Request, administrator: Administrator) -> None:
    """Go on in this session by a factor that there is now, whatever it was opened by."""
    device, has_session = device_of(administrator), getattr(request, "auth", None) is None
    if has_session and device is not None:
        verify_session(request, device)


def has_application(administrator: Administrator) -> bool:
    """Whether an authenticator application is set up."""
    return bool(Authenticator.objects.filter(user=administrator, confirmed=True).exists())


def forget_factors(administrator: Administrator) -> None:
    """Application, passkeys and recovery codes: from now on the password is all."""
    Authenticator.objects.filter(user=administrator).delete()
    Passkey.objects.filter(user=administrator).delete()
    RecoveryCode.objects.filter(user=administrator).delete()


def forget_codes_of_nothing(administrator: Administrator) -> None:
    """Recovery codes stand in for a factor: with the last one they go too."""
    if device_of(administrator) is None:
        RecoveryCode.objects.filter(user=administrator).delete()


def draw_codes(administrator: Administrator) -> list[str]:
    """Ten new recovery codes; the old ones are void."""
    codes = recovery_codes.draw()
    RecoveryCode.objects.filter(user=administrator).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=administrator, digest=recovery_codes.digest(code)) for code in codes
    )
    return codes
