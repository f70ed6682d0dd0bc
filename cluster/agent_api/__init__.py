"""What agents and new machines call on the leader: plain JSON, its own proofs, never a session."""
