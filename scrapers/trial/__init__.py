"""What ``salon site`` does: try a description on a page, replay recorded pages, draft a new one."""
