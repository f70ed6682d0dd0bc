"""Codes of the second factor, against the standards' own examples."""

import pytest

from accounts.totp import key_uri, matching_step, qr_svg

KEY = b"12345678901234567890"


@pytest.mark.parametrize(
    ("now", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(now: int, code: str) -> None:
    """RFC 6238, appendix B, the last six of eight digits."""
    assert matching_step(KEY, code, now=now) == now // 30


@pytest.mark.parametrize("late", [-30, 0, 30])
def test_code_is_good_one_step_early_or_late(late: int) -> None:
    assert matching_step(KEY, "081804", now=1111111109 + late) == 1111111109 // 30


@pytest.mark.parametrize("late", [-60, 60])
def test_code_is_no_good_two_steps_early_or_late(late: int) -> None:
    assert matching_step(KEY, "081804", now=1111111109 + late) is None


def test_uri_says_what_every_application_knows() -> None:
    """S52: SHA-1, 6 digits, 30 seconds."""
    uri = key_uri(KEY, username="ann", host="node1.example.org")

    assert uri == (
        "otpauth://totp/Flotilla%20node1.example.org%3Aann"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Flotilla%20node1.example.org"
        "&algorithm=SHA1&digits=6&period=30"
    )


def test_qr_code_is_an_image_without_script_or_outside_host() -> None:
    svg = qr_svg("otpauth://totp/x")

    assert svg.lstrip().startswith("<?xml")
    assert "script" not in svg
    assert svg.replace('xmlns="http://www.w3.org/2000/svg"', "").count("http") == 0
