"""Pages that people saved from their own browser, made into a capture like any other."""
