"""Replicas of the sites on 127.0.0.1, painted procedurally, with defects planted.

From the bottom up, each part knowing only those before it: ``seeded`` and ``lazy`` (numbers from a
seed, lists made when asked for), ``items`` (what a work, a watch and a picture are), ``painters``,
``defects``, ``catalogue`` (which works there are, and their bytes) beside ``web`` (requests and
pages), ``replicas`` (a module or a package a site), ``replica_registry`` (the sites by name) beside
``faults``, and ``server`` and ``process``, through which all others use the gallery.
"""
