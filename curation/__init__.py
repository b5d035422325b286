"""Judging images: facts, duplicates, watermarks, rules and the curators' lists."""
