"""Documents found and understood: out of folders and archives, any layout as one aligned game."""
