"""Subcommands of `salon` that are more than a stage."""
