"""A man in the middle: TLS with a certificate of its own, and a record of every byte it was told.

``python -m tests.lab.interceptor DIRECTORY FQDN TARGET`` listens on port 8443, writes what clients
send to ``DIRECTORY/heard`` and passes it on to ``TARGET:8443``, whose answers go back.
"""

import socket
import socketserver
import ssl
import sys
import threading
from pathlib import Path

from config.certificates import make_self_signed

PORT = 8443


def main(directory: Path, fqdn: str, target: str) -> None:
    """Listen until killed."""
    certificate, key = directory / "cert.pem", directory / "key.pem"
    make_self_signed(fqdn=fqdn, certificate=certificate, key=key)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate, key)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs.check_hostname = False
    theirs.verify_mode = ssl.CERT_NONE

    class Middle(socketserver.BaseRequestHandler):
        """One intercepted connection."""

        def handle(self) -> None:
            try:
                client = ours.wrap_socket(self.request, server_side=True)
            except OSError:
                return
            server = theirs.wrap_socket(socket.create_connection((target, PORT)))
            back = threading.Thread(target=_pass_on, args=(server, client, None), daemon=True)
            back.start()
            _pass_on(client, server, directory / "heard")

    class Listener(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Listener(("0.0.0.0", PORT), Middle) as listener:
        (directory / "listening").touch()
        listener.serve_forever()


def _pass_on(source: ssl.SSLSocket, sink: ssl.SSLSocket, record: Path | None) -> None:
    try:
        while chunk := source.recv(65536):
            if record is not None:
                with record.open("ab") as file:
                    file.write(chunk)
            sink.sendall(chunk)
    except OSError:
        return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
