"""A node's own rsyslog, on this machine, in a directory of its own."""

from pathlib import Path

from nodes.agent.logs import text
from nodes.agent.logs.place import OURSELVES, Place
from nodes.agent.logs.process import Rsyslog
from nodes.agent.logs.sources import Sources

HERE = "127.0.0.1"
SENDERS = {HERE: 2, OURSELVES: 1}
NOTHING = Sources(journal=False)


class Node:
    """A node's rsyslog and its directory."""

    def __init__(self, directory: Path, place: Place, sources: Sources = NOTHING) -> None:
        self.directory, self.place = directory, place
        self.work = text.work_dir(directory)
        for made in (self.work, text.applications_dir(directory), directory / "logs"):
            made.mkdir(parents=True, exist_ok=True)
        self.config = text.render(place, sources, state_dir=directory)
        self.rsyslog = Rsyslog(self.work)

    def start(self) -> None:
        if self.place.is_store:
            self.rsyslog.tell_senders(text.render_senders(self.place))
        self.rsyslog.start(self.config)

    def write(self, content: bytes, name: str = "agent") -> None:
        with (self.directory / "log" / f"{name}.log").open("ab") as log:
            log.write(content)

    def kept(self, node: int = 2) -> list[str]:
        files = (self.directory / "logs" / f"node{node}").glob("*.log")
        return [line for file in files for line in file.read_text().splitlines()]
