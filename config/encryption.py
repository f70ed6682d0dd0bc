"""Values that the database must not hold in plain: encrypted by a key that is not in it."""

from cryptography.fernet import Fernet
from django.conf import settings


def encrypt(plaintext: str) -> str:
    """Text that only this node can read again."""
    return _fernet().encrypt(plaintext.encode()).decode()


def decrypt(ciphertext: str) -> str:
    """What was encrypted here; raises ``InvalidToken`` for anything else."""
    return _fernet().decrypt(ciphertext.encode()).decode()


def _fernet() -> Fernet:
    return Fernet(settings.FIELD_ENCRYPTION_KEY)
