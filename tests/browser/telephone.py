"""A telephone with an authenticator application, by programs that are not ours."""

import subprocess
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator

from tests.browser.watching import scan


@dataclass(frozen=True)
class Telephone:
    """Knows the key that its camera has seen."""

    secret: str

    @classmethod
    def scanning(cls, code: Locator) -> "Telephone":
        """As applications understand what they scan."""
        parts = urlsplit(scan(code))
        assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
        return cls(parse_qs(parts.query)["secret"][0])

    def code(self) -> str:
        """What it shows now."""
        return self._code("now")

    def next_code(self) -> str:
        """What it shows in half a minute, or now if its clock is so much ahead."""
        return self._code("now + 30 seconds")

    def _code(self, moment: str) -> str:
        command = ["oathtool", "--totp", "-b", f"--now={moment}", self.secret]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
