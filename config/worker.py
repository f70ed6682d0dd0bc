"""What makes Celery's worker bear a broker that comes and goes, and being killed itself."""

from typing import Any

from celery import bootsteps
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
    """The schedule, by the worker's own timer, and only while there is a broker.

    Celery's beat as a process of its own would outlive a worker that is killed, and go on beating
    beside its successor's; as a thread it looks at its schedule every second, which was a fifth of
    what an idle node costs.
    """

    requires = (Tasks,)

    def __init__(self, consumer: Any, **options: Any) -> None:
        self.timers: list[Any] = []
        super().__init__(consumer, **options)

    def start(self, consumer: Any) -> None:
        send("cluster.tasks.sweep")
        for entry in consumer.app.conf.beat_schedule.values():
            seconds, options = entry["schedule"].seconds, entry.get("options", {})
            again = consumer.timer.call_repeatedly(seconds, send, (entry["task"],), options)
            self.timers.append(again)

    def stop(self, consumer: Any) -> None:
        while self.timers:
            self.timers.pop().cancel()


def _ignore(*_: Any, **__: Any) -> None:
    """Nobody is there to be told."""
