"""Revisions, one file each; once released, a revision never changes."""
