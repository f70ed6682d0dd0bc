"""A podman in memory: what it is asked for is there, and what it is told stays."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nodes.agent.applications.errors import EngineFailed
from nodes.agent.applications.tool import SECONDS, never

SITE = "localhost/site:1"


@dataclass
class FakePodman:
    """The ``Tool`` of a machine with podman; ``calls`` are the arguments of all that was run."""

    images: set[str] = field(default_factory=lambda: {SITE})
    archives: dict[str, str] = field(default_factory=dict)
    containers: dict[str, dict[str, Any]] = field(default_factory=dict)
    volumes: set[str] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    crashing: set[str] = field(default_factory=set)
    """Images whose containers end at once."""
    processes: list[int] = field(default_factory=list)
    said: str = ""
    on_pull: Callable[[], object] = never
    patience: dict[str, float] = field(default_factory=dict)
    """Seconds that each verb was given last."""
    before_run: Callable[[], object] = never
    on_run: Callable[[], object] | None = None
    """After the container runs, and before anybody hears of it."""

    def run(
        self,
        *arguments: str,
        stdin: str = "",
        seconds: float = SECONDS,
        is_given_up: Callable[[], bool] = never,
    ) -> str:
        self.calls.append(arguments)
        self.patience[arguments[1]] = seconds
        words = list(itertools.takewhile(lambda word: not word.startswith("-"), arguments[1:3]))
        verb = getattr(self, "_" + "_".join(words[:2] if words[0] in GROUPS else words[:1]))
        answer: str = verb(list(arguments[1:]), stdin)
        return answer

    def started(self, name: str) -> list[str]:
        """The arguments that the container was made with."""
        return list(self.containers[name]["arguments"])

    def born(self, pid: int) -> str:
        """As the kernel says it of a process."""
        return "1" if pid in self.processes else ""

    def _new_process(self) -> int:
        self.processes.append(len(self.processes) + 1000)
        return self.processes[-1]

    def end(self, name: str) -> None:
        """The container's process ends by itself."""
        self.processes = [
            0 if pid == self.containers[name]["Pid"] else pid for pid in self.processes
        ]
        self.containers[name] |= {"State": "exited", "Pid": 0}

    def _ps(self, words: list[str], stdin: str) -> str:
        name = words[words.index("--filter") + 1].removeprefix("name=^").removesuffix("$")
        return json.dumps([self.containers[name]] if name in self.containers else [])

    def _image_exists(self, words: list[str], stdin: str) -> str:
        return self._need(words[-1] in self.images)

    def _pull(self, words: list[str], stdin: str) -> str:
        self.on_pull()
        raise EngineFailed(problem="podman pull: no such image")

    def _load(self, words: list[str], stdin: str) -> str:
        image = self.archives[words[-1].rpartition("/")[2]]
        self._need(bool(image))
        self.images.add(image)
        return f"Loaded image: {image}\n"

    def _tag(self, words: list[str], stdin: str) -> str:
        self.images.add(words[-1])
        return ""

    def _image_inspect(self, words: list[str], stdin: str) -> str:
        return f"number-of-{words[-1]}\n"

    def _run(self, words: list[str], stdin: str) -> str:
        self.before_run()
        options = dict(word.lstrip("-").partition("=")[::2] for word in words if "=" in word)
        labels = dict(word[8:].split("=", 1) for word in words if word.startswith("--label="))
        image = next(word for word in words[1:] if not word.startswith("-"))
        ended = image in self.crashing
        self.containers[options["name"]] = {
            "State": "exited" if ended else "running",
            "Pid": 0 if ended else self._new_process(),
            "Labels": labels,
            "arguments": words[1:],
        }
        mounts = [word[9:].split(":")[0] for word in words if word.startswith("--volume=")]
        self.volumes |= {mount for mount in mounts if not mount.startswith("/")}
        if self.on_run is not None:
            self.on_run()
        return "0123456789ab\n"

    def _start(self, words: list[str], stdin: str) -> str:
        self.containers[words[-1]] |= {"State": "running", "Pid": self._new_process()}
        return ""

    def _stop(self, words: list[str], stdin: str) -> str:
        self.end(words[-1])
        return ""

    def _rm(self, words: list[str], stdin: str) -> str:
        del self.containers[words[-1]]
        return ""

    def _volume_ls(self, words: list[str], stdin: str) -> str:
        return "\n".join(sorted(self.volumes))

    def _volume_rm(self, words: list[str], stdin: str) -> str:
        self.volumes.remove(words[-1])
        return ""

    def _volume_inspect(self, words: list[str], stdin: str) -> str:
        return "/nowhere\n"

    def _secret_ls(self, words: list[str], stdin: str) -> str:
        return "\n".join(sorted(self.secrets))

    def _secret_create(self, words: list[str], stdin: str) -> str:
        self.secrets[words[-2]] = stdin
        return ""

    def _secret_rm(self, words: list[str], stdin: str) -> str:
        del self.secrets[words[-1]]
        return ""

    def _logs(self, words: list[str], stdin: str) -> str:
        return self.said

    def _need(self, there: bool) -> str:
        if not there:
            raise EngineFailed(problem="there is none")
        return ""


GROUPS = ("image", "container", "volume", "secret")
