"""The card's templates: `card.html.j2`, the page it extends, and one partial for each part."""
