"""What makes Celery's worker bear a broker that comes and goes, and being killed itself."""

from typing import Any

from celery import bootsteps
from celery.beat import EmbeddedService, Scheduler
from celery.worker.consumer import Consumer
from celery.worker.consumer.tasks import Tasks
from celery.worker.state import maybe_shutdown

from config.celery import log, send

RECONNECT = 1.0
"""Seconds between two attempts to reach the broker."""


class SteadyConsumer(Consumer):
    """Looks for its broker every second (Celery's own pauses grow to half a minute), and lets go
    of a lost one: kombu would put messages back into it and acknowledge others, fail at both, and
    end the worker. The sweeper sends again whatever is due.
    """

    def ensure_connected(self, conn: Any) -> Any:
        said: set[str] = set()

        def report(error: Exception, _: float) -> None:
            if str(error) not in said:
                log.warning("broker_unavailable", error=str(error))
            said.add(str(error))

        connected = conn.ensure_connection(
            report, None, RECONNECT, 0, RECONNECT, callback=maybe_shutdown
        )
        self.channel = connected.default_channel
        self.channel.do_restore = False
        return connected

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        self.channel.basic_ack = _ignore
        super().on_connection_error_after_connected(exc)


class Beat(bootsteps.StartStopStep):
    """Beat as a thread, and only while there is a broker.

    As a process of its own (``celery worker -B``) it would outlive a worker that is killed, and go
    on beating beside its successor's. It needs no file: what it sends is due at each start anyway.
    """

    requires = (Tasks,)

    def __init__(self, consumer: Any, **options: Any) -> None:
        self.service: Any = None
        super().__init__(consumer, **options)

    def start(self, consumer: Any) -> None:
        send("cluster.tasks.sweep")
        self.service = EmbeddedService(consumer.app, thread=True, scheduler_cls=Scheduler)
        self.service.start()

    def stop(self, consumer: Any) -> None:
        if self.service is not None:
            self.service.stop()
            self.service = None


def _ignore(*_: Any, **__: Any) -> None:
    """Nobody is there to be told."""
