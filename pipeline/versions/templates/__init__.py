"""The templates of a page about two versions: `difference.html.j2`, and one for each part."""
