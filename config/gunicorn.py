"""gunicorn: HTTPS, one process with threads; more processes for those who outgrow it."""

import gc
import resource
from typing import Any

from config import environment as env

MOST_CONNECTIONS = 4096
"""Every agent and every browser keeps one open; a fresh one for each sync costs far more."""
FILES = 256
"""Other open files: the database's, sockets, the log."""

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if soft < MOST_CONNECTIONS + FILES:
    soft = hard if 0 <= hard < MOST_CONNECTIONS + FILES else MOST_CONNECTIONS + FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

bind = env.LISTEN
wsgi_app = "config.wsgi:application"
worker_class = "gthread"
workers = env.WEB_PROCESSES
threads = 40  # 24 that wait to log in, 8 held calls of agents, and 8 for all the rest
worker_connections = min(MOST_CONNECTIONS, soft - FILES)
preload_app = True
certfile = str(env.TLS_CERT_PATH)
keyfile = str(env.TLS_KEY_PATH)
timeout = 60
graceful_timeout = 1
keepalive = 30
control_socket_disable = True
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm"  # noqa: S108  # a heartbeat file that must not wait for a disk


def pre_fork(server: Any, worker: Any) -> None:
    """What was imported stays for good: no request waits while the collector looks at it again."""
    gc.freeze()
