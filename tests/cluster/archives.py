"""Image archives as podman and docker save them, as small as they can be."""

import hashlib
import io
import json
import tarfile
from typing import Any

NAME = "localhost/site:2"


def archive(files: dict[str, bytes]) -> bytes:
    """A tar file with them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def docker_archive(*names: str, layer: bytes = b"layer") -> bytes:
    """The manifest comes last, as podman writes it."""
    manifest = [{"Config": "c.json", "RepoTags": list(names or (NAME,)), "Layers": ["l.tar"]}]
    return archive({"l.tar": layer, "manifest.json": json.dumps(manifest).encode()})


def oci_archive(annotations: dict[str, Any] | None) -> bytes:
    """By the OCI image layout."""
    index = {"manifests": [{"digest": "sha256:0", "annotations": annotations}]}
    return archive({"oci-layout": b"{}", "index.json": json.dumps(index).encode()})


def headers(kind: bytes, size: int, content: bytes = b"", *, times: int = 1) -> bytes:
    """What says of itself that it is as long as that, before anything else of a tar file."""
    member = tarfile.TarInfo("@")
    member.type, member.size = kind, size
    block = member.tobuf(tarfile.GNU_FORMAT) + content
    return (block + bytes(-len(block) % tarfile.BLOCKSIZE)) * times


def digest_of(content: bytes) -> str:
    """As an upload is known."""
    return hashlib.sha256(content).hexdigest()
