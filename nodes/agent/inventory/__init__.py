"""What runs on this node: containers and pods of podman, services with a Flotilla drop-in."""
