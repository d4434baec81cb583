"""Whose the published names are: decided by pure rules, then written into the registry."""
