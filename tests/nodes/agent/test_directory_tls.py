"""``probe_directory`` over TLS, from the first byte or begun later: what is wrong is said."""

import datetime
import ssl
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nodes.agent.directory import LONGEST_AUTHORITY
from nodes.agent.ldap import EXTENDED_ANSWER
from tests.nodes.agent.directory_server import BOUND, FOUND, Server, look, message, result

TLS_BEGINS = message(0, EXTENDED_ANSWER, result(0))
KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(*, address: str = "127.0.0.1", days: int = 1) -> str:
    """The directory's own, for so many days from yesterday on."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "directory")])
    begin = datetime.datetime.now(tz=datetime.UTC) - datetime.timedelta(days=1)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=days, hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
        )
        .sign(KEY, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()


class SecureServer(Server):
    """Begins TLS after the first ``plain`` of its answers."""

    def __init__(self, shown: Path, *answers: bytes, plain: int) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(shown)
        self._plain = plain
        super().__init__(*answers)

    def run(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            for answer in self._answers[: self._plain]:
                self.heard += connection.recv(4096)
                connection.sendall(answer)
            try:
                secure = self._context.wrap_socket(connection, server_side=True)
            except OSError:
                return  # the other side refuses the certificate
            with secure:
                for answer in self._answers[self._plain :]:
                    secure.recv(4096)
                    secure.sendall(answer)


Serve = Callable[..., SecureServer]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Makes servers that show a certificate, and ends them."""
    made: list[SecureServer] = []
    private = KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()

    def make(shown: str, *answers: bytes, plain: int = 0) -> SecureServer:
        file = tmp_path / "directory.pem"
        file.write_text(private + shown)
        made.append(SecureServer(file, *answers, plain=plain))
        return made[-1]

    yield make
    for server in made:
        server.close()


def look_securely(server: SecureServer, **changes: Any) -> dict[str, Any]:
    return look(server.url.replace("ldap:", "ldaps:"), **changes)


def test_directory_is_verified_by_the_certificate_that_was_given(serve: Serve) -> None:
    own = certificate()
    assert look_securely(serve(own, BOUND, FOUND), ca=own)["ok"] is True


def test_tls_that_begins_later_keeps_the_password_out_of_the_clear(serve: Serve) -> None:
    own = certificate()
    server = serve(own, TLS_BEGINS, BOUND, FOUND, plain=1)
    assert look(server.url, ca=own, start_tls=True, bind_dn="cn=reader")["ok"] is True
    assert b"1.3.6.1.4.1.1466.20037" in server.heard
    assert b"cn=reader" not in server.heard


UNFIT: dict[str, tuple[str, str, str]] = {
    "unknown": (certificate(), "", "self-signed certificate"),
    "somebody else's": (certificate(), certificate(), "self-signed certificate"),
    "expired": (certificate(days=0), "same", "certificate has expired"),
    "of another name": (certificate(address="127.0.0.2"), "same", "IP address mismatch"),
}


@pytest.mark.parametrize("starts_tls", [False, True])
@pytest.mark.parametrize(("shown", "trusted", "problem"), UNFIT.values(), ids=list(UNFIT))
def test_what_is_wrong_with_the_certificate_is_said(
    serve: Serve, shown: str, trusted: str, problem: str, starts_tls: bool
) -> None:
    plain = [TLS_BEGINS] if starts_tls else []
    server = serve(shown, *plain, BOUND, FOUND, plain=len(plain))
    url = server.url if starts_tls else server.url.replace("ldap:", "ldaps:")

    found = look(url, start_tls=starts_tls, ca=shown if trusted == "same" else trusted)

    assert (found["ok"], found["failed"]) == (False, "tls")
    assert problem in found["detail"]


def test_certificate_that_nobody_asks_about_may_be_any(serve: Serve) -> None:
    server = serve(certificate(days=0), BOUND, FOUND)
    assert look_securely(server, verify=False)["ok"] is True


def test_directory_that_will_not_begin_tls_gets_no_password(serve: Serve) -> None:
    refused = message(0, EXTENDED_ANSWER, result(53))
    server = serve(certificate(), refused, plain=1)
    found = look(server.url, start_tls=True, bind_dn="cn=reader")
    assert (found["failed"], found["detail"]) == ("tls", "It is not willing to do so.")
    assert b"cn=reader" not in server.heard


@pytest.mark.parametrize("ca", [7, "ü", "x" * (LONGEST_AUTHORITY + 1)], ids=["number", "ü", "long"])
def test_certificate_that_is_none_is_refused(ca: Any) -> None:
    with pytest.raises(ValueError, match="ca is no certificate"):
        look("ldaps://127.0.0.1:1", ca=ca)
