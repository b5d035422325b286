"""Versions of a collection handed on: pictures with their facts, in formats that others read.

`pipeline.export.export` makes an export, `pipeline.export.integrity` checks one; a format is one
module of `pipeline.export.formats`.
"""
