"""The replica of a gallery of car badges: lazy images, a next page, a list of labelled facts."""
