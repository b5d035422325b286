"""What a curator does with the lists: add, tidy, check, ask why."""
