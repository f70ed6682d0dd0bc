"""Administrators beside the first, by the product's own API."""

import subprocess
from dataclasses import dataclass, field
from typing import Any

from tests.lab.host import Host, expect
from tests.lab.waiting import eventually


def otp(secret: str) -> str:
    """The code of this moment, by a program that is not ours."""
    done = subprocess.run(
        ["oathtool", "--totp", "-b", secret], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@dataclass
class Person:
    """Somebody with a password and perhaps a second factor, and where they are logged in."""

    host: Host
    username: str
    password: str
    token: str = ""
    secret: str = ""
    confirmed: str = ""
    """The code that switched the second factor on: it is good once."""
    recovery_codes: list[str] = field(default_factory=list)

    def log_in(self, *, code: str = "") -> str:
        """By the API; the token is used from now on."""
        given = {"username": self.username, "password": self.password, "otp": code}
        answer = self.host.request("POST", "/api/v1/auth/login/", given)
        self.token = str(expect(answer, 200).body["token"])
        return self.token

    def ask(self, method: str, path: str, json: object = None, *statuses: int) -> Any:
        """The body of the answer, which must have one of these statuses (200)."""
        answer = self.host.request(method, f"/api/v1/{path}", json, token=self.token)
        return expect(answer, *(statuses or (200,))).body

    def change_password(self, new: str) -> None:
        given = {"current_password": self.password, "new_password": new}
        self.ask("POST", "account/password/", given, 204)
        self.password = new

    def enable_two_factor(self) -> None:
        """Every other session and token of theirs ends."""
        self.secret = self.ask("POST", "account/totp/", {"password": self.password})["secret"]
        self.confirmed = otp(self.secret)
        confirmed = self.ask("PUT", "account/totp/", {"otp": self.confirmed})
        self.recovery_codes = confirmed["recovery_codes"]

    def next_code(self) -> str:
        """One that was not used yet: the next one, if need be."""
        eventually(lambda: otp(self.secret) != self.confirmed, within=35)
        return otp(self.secret)

    def make_token(self, name: str, **values: object) -> str:
        made = self.ask("POST", "tokens/", {"name": name, **values}, 201)
        return str(made["token"])

    def create(self, username: str, *, password: str, **values: object) -> "Person":
        """Another administrator, who has changed the one-time password."""
        made = self.ask("POST", "administrators/", {"username": username, **values}, 201)
        person = Person(self.host, username, made["one_time_password"])
        person.log_in()
        person.change_password(password)
        return person


def first(host: Host) -> Person:
    """The lab's own administrator of that host, logged in."""
    known = host.administrator
    person = Person(host, known["username"], known["password"])
    person.log_in()
    return person
