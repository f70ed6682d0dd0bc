"""Production settings, and the patient creation."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as PRODUCT

INSTALLED_APPS = [*PRODUCT, "tests.config.patient.apps.PatientConfig"]
