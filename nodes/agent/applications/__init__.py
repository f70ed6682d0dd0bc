"""Applications that the leader has installed here: containers of podman that are kept running."""
