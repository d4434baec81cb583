"""What people decide by command about models and agents, and the audit of it."""
