"""Where a token was used from, so that the first time from somewhere is told."""

from django.db import models

from accounts.models.api_token import ApiToken


class TokenAddress(models.Model):
    """One address that a token was used from: of IPv6 the network, as its hosts change theirs."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="addresses")
    address = models.CharField(max_length=45)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "address"], name="accounts_token_address_once")
        ]

    def __str__(self) -> str:
        return f"{self.token} from {self.address}"
