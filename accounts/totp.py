"""Time-based one-time passwords (RFC 6238): SHA-1, 6 digits, 30 seconds (S52)."""

from base64 import b32encode
from hmac import compare_digest
from io import BytesIO
from urllib.parse import quote, urlencode

import qrcode
from django.conf import settings
from django_otp.oath import hotp
from qrcode.image.svg import SvgPathFillImage

ISSUER = "Flotilla"
PERIOD = 30
DIGITS = 6
TOLERATED_STEPS = (0, -1, 1)
"""A code is good in its own 30 seconds, and in those before and after (RFC 6238, section 5.2)."""


def matching_step(key: bytes, code: str, *, now: float) -> int | None:
    """The time step whose code ``code`` is, or None."""
    current = int(now) // PERIOD
    for offset in TOLERATED_STEPS:
        if compare_digest(f"{hotp(key, current + offset, DIGITS):0{DIGITS}d}", code):
            return current + offset
    return None


def secret_text(key: bytes) -> str:
    """The key as people type it into an application."""
    return b32encode(key).decode()


def key_uri(key: bytes, *, username: str, host: str) -> str:
    """What the QR code says; the secret comes first, because some applications want it so."""
    label = quote(f"{ISSUER} {host}:{username}")
    parameters = {
        "secret": secret_text(key),
        "issuer": f"{ISSUER} {host}",
        "algorithm": "SHA1",
        "digits": DIGITS,
        "period": PERIOD,
    }
    return f"otpauth://totp/{label}?{urlencode(parameters, quote_via=quote)}"


def describe(key: bytes, *, username: str) -> dict[str, str]:
    """The key in the three forms in which an application can be given it."""
    uri = key_uri(key, username=username, host=settings.FLOTILLA.FQDN)
    return {"secret": secret_text(key), "uri": uri, "qr_svg": qr_svg(uri)}


def qr_svg(text: str) -> str:
    """A QR code as an SVG image, made here: the secret goes to no other server."""
    image = qrcode.make(text, image_factory=SvgPathFillImage)
    buffer = BytesIO()
    image.save(buffer)
    return buffer.getvalue().decode()
