"""How log lines look and where they go."""
