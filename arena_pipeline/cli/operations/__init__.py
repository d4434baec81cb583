"""The commands for operating an arena: backups, copies, notices, purging, voiding matches."""
