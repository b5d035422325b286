"""Replicas of both sites on 127.0.0.1, painted procedurally, with defects planted."""
