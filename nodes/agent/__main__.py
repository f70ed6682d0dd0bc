"""``python -m nodes.agent run`` is the daemon; ``down`` takes the VPN away."""

import argparse
import fcntl
import gc
import logging
import os
import signal
import sys
import threading
from typing import TextIO

from nodes.agent import log
from nodes.agent.config import Config, ConfigError
from nodes.agent.vpn.system import CommandFailed

logger = logging.getLogger("nodes.agent")
INTERNAL_ERROR = 70
"""EX_SOFTWARE of sysexits.h: the supervisor starts the agent again."""


def main() -> int:
    """Read the settings and do what is asked."""
    parser = argparse.ArgumentParser(prog="nodes.agent", description=__doc__)
    parser.add_argument("what", choices=("run", "down"))
    what = parser.parse_args().what
    log.configure()
    try:
        config = Config.from_environment()
        return run(config) if what == "run" else down(config)
    except (ConfigError, CommandFailed) as error:
        logger.error("agent_failed", extra={"detail": str(error)})
        return 1


def run(config: Config) -> int:
    """Serve until SIGTERM or SIGINT; the VPN stays up."""
    from nodes.agent.daemon import Daemon

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    threading.excepthook = end_with_thread
    lock = hold_lock(config)
    Daemon(config).start()
    gc.freeze()  # what was imported stays for good: the collector need not look at it again
    stopped.wait()
    lock.close()
    logger.info("agent_stopped")
    return 0


def hold_lock(config: Config) -> TextIO:
    """One agent for one node: the lock lasts as long as the file is open; raises ConfigError."""
    path = config.socket.with_name("agent.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise ConfigError(f"Another agent runs in {config.state_dir}") from error
    return file


def down(config: Config) -> int:
    """Remove the interface, and wireguard-go with it, if they are this node's."""
    from nodes.agent.daemon import make_reconciler
    from nodes.agent.membership import Membership

    membership = Membership(config.node_dir, fqdn=config.fqdn)
    make_reconciler(config, membership, on_answer=lambda: None).take_down()
    return 0


def end_with_thread(failure: threading.ExceptHookArgs) -> None:
    """An agent that has lost one of its threads is worse than one that is started again."""
    if failure.exc_value is not None:
        error = (failure.exc_type, failure.exc_value, failure.exc_traceback)
        logger.critical("thread_failed", exc_info=error)
    os._exit(INTERNAL_ERROR)


if __name__ == "__main__":
    sys.exit(main())
