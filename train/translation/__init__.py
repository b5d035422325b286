"""Pictures from pictures: tasks, networks, their game, and the model applied."""
