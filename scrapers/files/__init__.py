"""Pictures that people have already: folders, archives, tables, made into a capture."""
