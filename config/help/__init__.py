"""The operations manual, as every node serves it at ``/help/``."""
