"""The card's templates: `card.html.j2` and one partial for each part of the page."""
