"""The training monitor: when is a training past recovery?"""
