"""A host of the lab: a machine with the product on it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from tests.lab import client, clocks, supervisor
from tests.lab.client import Answer
from tests.lab.machine import Machine
from tests.lab.waiting import eventually

PORT = 8443
START_SECONDS = 60


@dataclass(frozen=True)
class Host(Machine):
    """A machine that runs broker, web, celery and agent under the product's own supervisor."""

    _token: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def number(self) -> int:
        """3 for node3."""
        return int(re.sub(r"\D", "", self.name))

    @property
    def fqdn(self) -> str:
        """Its name in the lab's ``/etc/hosts``."""
        return f"{self.name}.lab.test"

    @property
    def url(self) -> str:
        """Its console, for clients inside the lab."""
        return f"https://{self.fqdn}:{PORT}"

    @property
    def state_dir(self) -> Path:
        """``FLOTILLA_STATE_DIR``."""
        return self.directory / "state"

    @property
    def node(self) -> dict[str, Any]:
        """What ``node.json`` says."""
        try:
            content = (self.state_dir / "node" / "node.json").read_text()
        except FileNotFoundError:
            return {}
        return dict(json.loads(content))

    @property
    def role(self) -> str:
        """The role that the agent has written down."""
        return str(self.node.get("role") or "uninitialised")

    @property
    def node_id(self) -> int | None:
        """Its number in the cluster."""
        return self.node.get("node_id")

    @property
    def administrator(self) -> dict[str, str]:
        """The first administrator, whose password works at once; empty while the host is made."""
        account = self.directory / "administrator.json"
        return dict(json.loads(account.read_text())) if account.exists() else {}

    def variables(self) -> Mapping[str, str]:
        """The host's own configuration."""
        return {
            "FLOTILLA_STATE_DIR": str(self.state_dir),
            "FLOTILLA_FQDN": self.fqdn,
            "FLOTILLA_LISTEN": f"0.0.0.0:{PORT}",
            "DJANGO_SETTINGS_MODULE": "config.lab_settings",
        }

    def start(self) -> None:
        """Power on and start the processes; does not wait for them."""
        if not self.is_on:
            self.boot()
        self.spawn("python", "-m", "config.supervise", log=self.directory / "supervise.log")

    def wait_until_ready(self, *, within: float = START_SECONDS) -> None:
        """Wait for the web to answer and for the agent's socket."""
        eventually(self._answers, within=within, every=0.1)
        eventually((self.state_dir / "run" / "agent.sock").exists, within=within, every=0.1)

    def power_cycle(self) -> None:
        """A power cut, and the power's return."""
        self.cut_power()
        self.start()
        self.wait_until_ready()

    def turn_clock(self, *, seconds: int) -> None:
        """Restart with a clock that is wrong by so many seconds; 0 puts it right."""
        self.cut_power()
        clocks.turn(self.directory, seconds=seconds)
        self.start()
        self.wait_until_ready()

    def shut_down(self) -> None:
        """An orderly stop of everything, then power off."""
        pid = self.state_dir / "run" / "supervisord.pid"
        self.exec("kill", "-TERM", pid.read_text().strip())
        eventually(lambda: not any(self.pids().values()), within=15)
        self.cut_power()

    def pids(self) -> dict[str, int | None]:
        """Process ids by name."""
        return (
            supervisor.pids(self.state_dir) if self.is_on else dict.fromkeys(supervisor.PROCESSES)
        )

    def kill(self, process: str) -> int:
        """SIGKILL one process, which its supervisor starts again; returns the pid that died."""
        return supervisor.kill(self.state_dir, process)

    def stop(self, process: str) -> None:
        """Stop one process until ``start_process``."""
        supervisor.stop(self.state_dir, process)

    def start_process(self, process: str) -> None:
        """Start one process that was stopped."""
        supervisor.start(self.state_dir, process)

    def failpoint(self, name: str, action: str) -> None:
        """Arm a failpoint; it fires once."""
        armed = self.state_dir / "failpoint.new"
        armed.write_text(f"{name}:{action}\n")
        armed.rename(self.failpoint_file)

    @property
    def failpoint_file(self) -> Path:
        """Exists until the armed failpoint has fired."""
        return self.state_dir / "failpoint"

    def request(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        token: str | None = None,
        timeout: float = 15,
    ) -> Answer:
        """An HTTPS request from the client namespace, with no credentials but ``token``."""
        return (
            client.pool(f"{self.lab}-client")
            .submit(
                client.fetch,
                method,
                path,
                payload=json,
                token=token,
                timeout=timeout,
                **self._server,
            )
            .result()
        )

    def connect(self, *, timeout: float) -> urllib3.HTTPSConnectionPool:
        """Connections that are kept, for a thread that has entered the client namespace."""
        return client.connect(timeout=timeout, **self._server)

    @property
    def _server(self) -> dict[str, Any]:
        certificate = self.state_dir / "tls" / "cert.pem"
        return {"address": self.address, "fqdn": self.fqdn, "certificate": certificate}

    def api(self, method: str, path: str, json: object = None, *, timeout: float = 15) -> Answer:
        """An API request as the host's administrator; ``path`` is relative to ``/api/v1/``."""
        path, token = f"/api/v1/{path.lstrip('/')}", self.token()
        answer = self.request(method, path, json, token=token, timeout=timeout)
        if asks_for_proof(answer) and self.prove(token=token):
            return self.request(method, path, json, token=token, timeout=timeout)
        return answer

    def prove(self, *, token: str) -> bool:
        """Give the password again, which is asked for some minutes after the login."""
        proof = {"password": self.administrator["password"]}
        return self.request("POST", "/api/v1/account/proof/", proof, token=token).status == 204

    def token(self) -> str:
        """An API token of the host's administrator."""
        if "token" not in self._token:
            self._token["token"] = self.log_in(**self.administrator)["token"]
        return self._token["token"]

    def log_in(self, *, username: str, password: str) -> dict[str, Any]:
        """The answer of ``auth/login``."""
        credentials = {"username": username, "password": password}
        return dict(expect(self.request("POST", "/api/v1/auth/login/", credentials), 200).body)

    def use_token(self, text: str) -> None:
        """Call the API with this token from now on."""
        self._token["token"] = text

    def forget_token(self) -> None:
        """Log in again at the next call: the database is another one."""
        self._token.clear()

    def describe(self) -> dict[str, Any]:
        """This host in ``status --json``."""
        return {
            "name": self.name,
            "fqdn": self.fqdn,
            "address": self.address,
            "url": self.url,
            "state_dir": str(self.state_dir),
            "role": self.role,
            "node_id": self.node_id,
            "pids": self.pids(),
            "administrator": self.administrator,
        }

    def _answers(self) -> bool:
        try:
            return self.request("GET", "/healthz", timeout=2).status == 200
        except client.Unreachable:
            return False


def asks_for_proof(answer: Answer) -> bool:
    """Whether the password is asked for again first."""
    errors = answer.body["errors"] if answer.status == 403 and answer.body else []
    return any(error["code"] == "proof_required" for error in errors)


def expect(answer: Answer, *statuses: int) -> Answer:
    """The answer, which must have one of these statuses."""
    if answer.status not in statuses:
        raise AssertionError(f"{answer.status} instead of {statuses}: {answer.text[:2000]}")
    return answer
