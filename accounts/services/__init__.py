"""What can be done with accounts."""

from accounts.services.administrators import (
    change_administrator,
    create_administrator,
    delete_administrator,
)
from accounts.services.passwords import change_own_password, reset_password

__all__ = [
    "change_administrator",
    "change_own_password",
    "create_administrator",
    "delete_administrator",
    "reset_password",
]
