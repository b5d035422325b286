"""The stages, the `salon` command, and the core they share."""
