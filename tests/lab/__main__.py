"""The lab's command line; needs root."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence

from tests.lab import lab as labs
from tests.lab.lab import LabError
from tests.lab.machine import MachineIsOff
from tests.lab.supervisor import PROCESSES

Verb = Callable[[argparse.Namespace], None]
DEFAULT_NAME = "lab0"


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    ours, command = _split(list(arguments))
    options = _parser().parse_args(ours)
    options.command = [*getattr(options, "words", []), *command]
    options.name = getattr(options, "name", DEFAULT_NAME)
    if os.geteuid() != 0:
        print("The lab needs root: it makes network namespaces.", file=sys.stderr)
        return 1
    try:
        options.verb(options)
    except (LabError, MachineIsOff) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def up(options: argparse.Namespace) -> None:
    """Start a lab, join its hosts, and print its description."""
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {line}", file=sys.stderr, flush=True)

    joined = 0 if options.uninitialised else options.joined
    print(json.dumps(labs.up(options.name, nodes=options.nodes, joined=joined, say=say).describe()))


def status(options: argparse.Namespace) -> None:
    """Print the description: JSON, or a table for people."""
    found = labs.load(options.name).describe()
    if options.json:
        print(json.dumps(found))
        return
    for host in found["hosts"]:
        running = ", ".join(name for name, pid in host["pids"].items() if pid) or "off"
        secret = host["administrator"]
        print(f"{host['name']:8} {host['role']:14} {host['url']:34} {running}")
        print(f"{'':8} {' / '.join(secret.values()):30} {host['state_dir']}")


def execute(options: argparse.Namespace) -> None:
    """Become the command, in the host's namespaces."""
    machine = labs.load(options.name).machine(options.host)
    if not options.command:
        raise LabError("What is to be run? For example: exec node3 -- wg show")
    line = machine.command(options.command)
    os.execvpe(line[0], line, machine.environment())


def cut(options: argparse.Namespace) -> None:
    """Take a host off the network; it sees its link up."""
    labs.load(options.name).host(options.host).cut_link()


def heal(options: argparse.Namespace) -> None:
    """Undo ``cut``."""
    labs.load(options.name).host(options.host).heal_link()


def kill(options: argparse.Namespace) -> None:
    """SIGKILL one process, or cut the host's power."""
    host = labs.load(options.name).host(options.host)
    if options.process:
        host.kill(options.process)
    else:
        host.cut_power()


def stop(options: argparse.Namespace) -> None:
    """Stop one process until ``start``, or shut the host down in order."""
    host = labs.load(options.name).host(options.host)
    if options.process:
        host.stop(options.process)
    else:
        host.shut_down()


def start(options: argparse.Namespace) -> None:
    """Start one process that was stopped, or power the host on."""
    host = labs.load(options.name).host(options.host)
    if options.process:
        host.start_process(options.process)
    elif host.is_on:
        raise LabError(f"{host.name} is on.")
    else:
        host.start()
        host.wait_until_ready()


def down(options: argparse.Namespace) -> None:
    """Take the lab down, whatever is left of it."""
    labs.down(options.name)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Our arguments, and the command after ``--``."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _parser() -> argparse.ArgumentParser:
    named = argparse.ArgumentParser(add_help=False)
    named.add_argument(
        "--name", default=argparse.SUPPRESS, help=f"which lab (default {DEFAULT_NAME})"
    )
    parser = argparse.ArgumentParser("python -m tests.lab", parents=[named], description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def add(name: str, verb: Verb) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, parents=[named], help=verb.__doc__)
        added.set_defaults(verb=verb)
        return added

    upwards = add("up", up)
    upwards.add_argument("--nodes", type=int, default=3)
    upwards.add_argument("--joined", type=int, help="join only the first so many hosts")
    upwards.add_argument("--uninitialised", action="store_true", help="join none")
    upwards.add_argument("--json", action="store_true", help="the default")
    add("status", status).add_argument("--json", action="store_true")
    running = add("exec", execute)
    running.add_argument("host")
    running.add_argument("words", nargs="*", metavar="-- CMD")
    at_client = add("client", execute)
    at_client.set_defaults(host="client")
    at_client.add_argument("words", nargs="*", metavar="-- CMD")
    for name, verb in (("cut", cut), ("heal", heal)):
        add(name, verb).add_argument("host")
    for name, verb in (("kill", kill), ("stop", stop), ("start", start)):
        on_process = add(name, verb)
        on_process.add_argument("host")
        on_process.add_argument("process", nargs="?", choices=PROCESSES)
    add("down", down)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
