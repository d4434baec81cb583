"""The recorded matches and their seats, observed and checked."""
