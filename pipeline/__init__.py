"""The stages, the `salon` command, and the core they share."""

import os

# Arrow's own pool keeps what it frees: a capture of any size peaks 20 MiB lower without it (`make
# bench-memory`), and a million rows are sorted, joined and written in the same time. Arrow reads
# this when it is first imported.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
