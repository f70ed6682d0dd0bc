"""The VPN by reconciliation: a plan from the state, the interface as it is, and the difference."""
