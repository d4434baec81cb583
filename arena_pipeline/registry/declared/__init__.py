"""What the models file declares, and making the store so: bots, agents, gateways, models,
overrides.

The file is read by `models_file`; `overrides` and `agents` write. What people decide by command is
in `registry.acts.models`, what the catalog says in `registry.syncing`.
"""
