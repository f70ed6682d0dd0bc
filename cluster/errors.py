"""What can go wrong with the cluster as a whole."""
