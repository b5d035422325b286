"""The review page: a local server on which a curator culls a collection by keyboard."""
