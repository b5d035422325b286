"""What both sites' parsers share: markup, text, years, layers of a page, rows and their table."""
