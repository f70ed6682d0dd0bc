"""gunicorn: HTTPS, one process with threads; more processes for those who outgrow it."""

from config import environment as env

bind = env.LISTEN
wsgi_app = "config.wsgi:application"
worker_class = "gthread"
workers = env.WEB_PROCESSES
threads = 24
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
