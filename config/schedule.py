"""What is done again and again, and how often: the worker's own timer keeps it."""

from typing import Any

from celery.schedules import schedule


def _every(seconds: int, task: str, *, expires: bool = True) -> dict[str, Any]:
    """One entry; a message that is late for its own successor is dropped."""
    options = {"expires": seconds} if expires else {}
    return {"task": task, "schedule": schedule(seconds), "options": options}


SCHEDULE = {
    "sweep": _every(5, "cluster.tasks.sweep"),
    "tidy_up": _every(600, "cluster.tasks.tidy_up", expires=False),
    "backup": _every(60, "cluster.scheduled.back_up"),
    "domains": _every(5, "cluster.scheduled.tend_domains"),
    "metrics": _every(300, "nodes.tasks.sample_metrics"),
    "logs": _every(600, "cluster.scheduled.keep_logs"),
    "log_forwarding": _every(5, "cluster.scheduled.forward_logs"),
    "accounts": _every(60, "accounts.tasks.tidy_up"),
    "audit_witnesses": _every(10, "cluster.tasks.keep_witnesses"),
    "audit_old_trail": _every(5, "cluster.tasks.fetch_trail"),
    "audit_archives": _every(600, "audit.tasks.archive_events"),
    "audit_rounds": _every(60, "audit.tasks.verify_events"),
    "audit_forwarding": _every(5, "audit.tasks.forward_events"),
    "audit": _every(30, "audit.tasks.index_events"),
}
