"""The engine's tasks on the workers of a cluster (dask.distributed), an extra of Salon's.

Imported only where `SALON_CLUSTER` names a cluster; docs/cluster.md says how one is started.
"""
