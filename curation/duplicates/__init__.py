"""Which images show the same picture: candidates by hash, confirmed by their pixels.

In the order in which `dedupe` asks:

- `descriptors`, `borders`: what of each picture candidates are found by.
- `candidates`, `candidate_hashes`, `candidate_layouts`, `candidate_shortlist`: pairs worth a look.
- `verification`: how alike the two of a pair are; it stands on `registration` and `alignment` (one
  laid over the other), `tone`, `regions`, `hues` and `cielab`.
- `bounds`: how alike is near.
- `calibration`: how likely a pair that is not near is one picture.
- `classification`: what is decided, what is asked about, and in which order.
"""
