"""Images and variants to train on: which there are, in which order they come, their pixels."""
