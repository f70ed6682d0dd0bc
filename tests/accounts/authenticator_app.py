"""An authenticator application that is not our own code: ``oathtool``."""

import subprocess
import time
from base64 import b32encode


class AuthenticatorApp:
    """Shows the codes of one key."""

    def __init__(self, key: bytes) -> None:
        self.secret = b32encode(key).decode()

    def code(self, *, steps_ago: int = 0) -> str:
        """The code of this half minute, or of an earlier one."""
        when = f"@{int(time.time()) - 30 * steps_ago}"
        command = ["oathtool", "--totp", "--base32", "--now", when, self.secret]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
