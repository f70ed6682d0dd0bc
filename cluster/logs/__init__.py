"""The logs of all nodes, as the leader keeps them: one file a node and day."""
