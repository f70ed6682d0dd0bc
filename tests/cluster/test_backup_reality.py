"""Backups with what is really outside: age, rclone, and processes of their own."""

import hashlib
import io
import os
import pty
import shutil
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cluster.backup import archive
from cluster.backup.depots import probe
from cluster.backup.destinations import parse
from cluster.backup.jobs import Job, JobRefused, Processes
from cluster.backup.rclone import RcloneDepot
from cluster.errors.backup import BackupDestinationFailed
from tests.cluster.backups import PASSWORD
from tests.lab.waiting import eventually

needs = {
    name: pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed")
    for name in ("age", "rclone", "ssh-keygen")
}


@pytest.fixture
def order(tmp_path: Path) -> dict[str, Any]:
    """What a backup is made of."""
    return {
        "password": PASSWORD,
        "about": {"term": 1},
        "texts": {archive.DOCUMENT: '{"schema": 1}', archive.SEALED: "{}"},
        "paths": {},
        "target": str(tmp_path / "fleet.age"),
    }


def decrypt_with_age(file: Path, password: str) -> bytes:
    """Debian's own program, which asks on a terminal."""
    pid, terminal = pty.fork()
    plain = file.with_suffix(".tar")
    if pid == 0:  # pragma: no cover - the other process
        os.execvp("age", ["age", "-d", "-o", str(plain), str(file)])  # noqa: S606 - on its terminal
    said = b""
    while b"passphrase" not in said:
        said += os.read(terminal, 1024)
    os.write(terminal, f"{password}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert status == 0
    return plain.read_bytes()


@needs["age"]
def test_ordinary_age_opens_a_backup(order: dict[str, Any], tmp_path: Path) -> None:
    """The real key stretching, in a process of its own."""
    answer = Processes().ask("seal", order, folder=tmp_path)

    sealed = tmp_path / "fleet.age"
    assert answer["sha256"] == hashlib.sha256(sealed.read_bytes()).hexdigest()
    with tarfile.open(fileobj=io.BytesIO(decrypt_with_age(sealed, PASSWORD))) as opened:
        assert opened.getnames() == [archive.MANIFEST, archive.DOCUMENT, archive.SEALED]


def test_refusal_of_a_process_comes_back(tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(b"not age")
    wanted = {"source": str(tmp_path / "photo"), "password": "x", "folder": str(tmp_path)}

    with pytest.raises(JobRefused) as refused:
        Processes().ask("unseal", wanted, folder=tmp_path)

    assert (refused.value.code, refused.value.status) == ("backup_foreign", 400)


def test_job_loads_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They take longer than all the rest of it."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "none.such")
    (tmp_path / "photo").write_bytes(b"not age")
    wanted = {"source": str(tmp_path / "photo"), "password": "x", "folder": str(tmp_path)}

    with pytest.raises(JobRefused):
        Processes().ask("unseal", wanted, folder=tmp_path)


def test_running_job_is_known_to_everybody_until_it_is_stopped(
    order: dict[str, Any], tmp_path: Path
) -> None:
    job, ours, theirs = Job(tmp_path, "seal", "seal"), Processes(), Processes()

    ours.begin(job, order)
    theirs.begin(job, order)

    assert ours.is_running(job)
    assert theirs.is_running(job)
    theirs.stop(job)
    eventually(lambda: not ours.is_running(job), within=20, every=0.05)
    assert ours.find_answer(job) is None


def free_port() -> int:
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])


def is_open(port: int) -> bool:
    with socket.socket() as probing:
        return probing.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def served(kind: str, folder: Path, *options: str) -> Iterator[int]:
    """rclone's own server of ``folder``."""
    port = free_port()
    login = ("--user", "flotilla", "--pass", PASSWORD)
    command = ["rclone", "serve", kind, str(folder), "--addr", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        [*command, *login, *options],
        stderr=subprocess.DEVNULL,
        env=os.environ | {"HOME": str(folder)},
    )
    try:
        eventually(lambda: is_open(port), within=20, every=0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is served."""
    made = tmp_path / "served"
    (made / "backups").mkdir(parents=True)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "flotilla-12345678-20260101T000000Z.age"
    made.write_bytes(os.urandom(100_000))
    return made


def assert_works(depot: RcloneDepot, folder: Path, file: Path) -> None:
    """All that is asked of a destination, and seen from its other side."""
    probe(depot, file=file)
    depot.put(file)
    assert (folder / "backups" / file.name).read_bytes() == file.read_bytes()
    assert depot.names() == [file.name]
    depot.remove(file.name)
    assert list((folder / "backups").iterdir()) == []


@needs["rclone"]
def test_webdav_keeps_backups(folder: Path, file: Path) -> None:
    with served("webdav", folder) as port:
        given = {"url": f"http://127.0.0.1:{port}", "path": "backups"}
        wanted = parse("webdav", given | {"user": "flotilla", "password": PASSWORD})
        assert_works(RcloneDepot(wanted, seconds=20), folder, file)


@needs["rclone"]
@needs["ssh-keygen"]
def test_sftp_keeps_backups_and_knows_the_host(folder: Path, file: Path, tmp_path: Path) -> None:
    keys = [new_key(tmp_path / name) for name in ("host", "stranger")]
    with served("sftp", folder, "--key", str(tmp_path / "host")) as port:
        given = {"host": "127.0.0.1", "port": str(port), "user": "flotilla", "path": "backups"}
        login = given | {"password": PASSWORD}
        known = RcloneDepot(parse("sftp", login | {"host_key": keys[0]}), seconds=20)
        other = RcloneDepot(parse("sftp", login | {"host_key": keys[1]}), seconds=20)
        wrong = RcloneDepot(parse("sftp", given | {"password": "a guess"}), seconds=20)

        assert_works(known, folder, file)
        for depot in (other, wrong):
            with pytest.raises(BackupDestinationFailed):
                depot.put(file)


def new_key(path: Path) -> str:
    """The public half, as ``ssh-keyscan`` would show it."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


class S3(BaseHTTPRequestHandler):
    """As much of S3 as rclone needs to keep files in one bucket."""

    files: dict[str, bytes]

    def do_PUT(self) -> None:
        self.files[urlsplit(self.path).path] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200)

    def do_DELETE(self) -> None:
        self.files.pop(urlsplit(self.path).path, None)
        self._answer(204)

    def do_HEAD(self) -> None:
        content = self.files.get(urlsplit(self.path).path)
        self._answer(404 if content is None else 200, content or b"")

    def do_GET(self) -> None:
        prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
        found = "".join(
            f"<Contents><Key>{path.removeprefix('/fleet/')}</Key><Size>{len(content)}</Size>"
            "<LastModified>2026-01-01T00:00:00Z</LastModified></Contents>"
            for path, content in self.files.items()
            if path.startswith(f"/fleet/{prefix}")
        )
        self._answer(200, f"<ListBucketResult>{found}</ListBucketResult>".encode())

    def _answer(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("ETag", f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@needs["rclone"]
def test_s3_keeps_backups(file: Path) -> None:
    files: dict[str, bytes] = {}
    handler = type("Handler", (S3,), {"files": files, "protocol_version": "HTTP/1.1"})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        given = {"bucket": "fleet", "path": "backups", "region": "nowhere"}
        keys = {"access_key_id": "AKIA", "secret_access_key": "s3cr3t"}
        endpoint = f"http://127.0.0.1:{server.server_port}"
        depot = RcloneDepot(parse("s3", given | keys | {"endpoint": endpoint}), seconds=30)

        probe(depot, file=file)
        depot.put(file)

        assert files[f"/fleet/backups/{file.name}"] == file.read_bytes()
        assert depot.names() == [file.name]
        server.shutdown()


@needs["rclone"]
def test_silent_destination_is_named_in_time(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(BackupDestinationFailed, match="in time"):
            RcloneDepot(parse("webdav", {"url": url}), seconds=1).put(file)


def test_what_a_server_says_in_another_encoding_is_told(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "rclone"
    program.write_bytes(b"#!/bin/sh\nprintf 'Stra\\337e voll\\n' >&2; exit 1\n")
    program.chmod(0o700)
    monkeypatch.setattr("cluster.backup.rclone.find_program", lambda: str(program))

    with pytest.raises(BackupDestinationFailed, match="Stra\ufffde voll"):
        RcloneDepot(parse("webdav", {"url": "https://nas.example.org"})).put(file)


@needs["rclone"]
def test_no_secret_is_in_an_argument(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **options: Any) -> Any:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, stdout="obscured", stderr="")

    monkeypatch.setattr("cluster.backup.rclone.subprocess.run", run)
    given = {"host": "nas.example.org", "user": "flotilla", "path": "b", "password": PASSWORD}

    RcloneDepot(parse("sftp", given)).put(file)

    assert len(commands) == 2
    assert PASSWORD not in str(commands)
