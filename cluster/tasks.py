"""Celery tasks: four lines each; they know only ids."""
