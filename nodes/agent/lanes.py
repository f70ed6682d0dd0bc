"""Work beside the sync loop: one after the other within a lane, and the lanes side by side."""

import threading
from collections import deque
from collections.abc import Callable

Job = Callable[[], None]


class Lanes:
    """A lane has a thread while there is work in it."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Job]] = {}
        self._lock = threading.Lock()

    def put(self, lane: str, job: Job) -> None:
        """Do ``job`` after what is in the lane already."""
        with self._lock:
            waiting = self._waiting.get(lane)
            if waiting is not None:
                waiting.append(job)
                return
            self._waiting[lane] = deque([job])
        self._start(lane)

    def has_next(self, lane: str) -> bool:
        """Whether something waits behind what is being done in the lane."""
        with self._lock:
            return bool(self._waiting.get(lane))

    def _start(self, lane: str) -> None:
        threading.Thread(target=self._run, args=(lane,), name=lane, daemon=True).start()

    def _run(self, lane: str) -> None:
        try:
            while (job := self._next(lane)) is not None:
                job()
        except BaseException:  # a fault in a job: what waits behind it has a new thread
            self._start(lane)
            raise

    def _next(self, lane: str) -> Job | None:
        with self._lock:
            if self._waiting[lane]:
                return self._waiting[lane].popleft()
            del self._waiting[lane]
            return None
