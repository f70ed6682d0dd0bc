"""The one loop by which a node hears from its leader, and the leader from it."""
