"""Versions of the data: the commits in which `dvc.lock` changed, read, listed and compared.

`pipeline.versions.revision` opens one of them (or the workspace) and hands out its files as paths;
everything else here, and `salon export`, reads versions through it and asks neither git nor DVC.
"""
