"""Vectors that pictures are drawn of: a row of numbers for each image, whatever they stand for.

Stage `condition` makes them where ``train.condition`` names one of `condition_kinds.KINDS`, and
leaves two files: the table CONDITIONS, a vector an image that is kept, and ``condition.json``,
the description, which says what the numbers mean and which the model file carries on. All that
comes after knows vectors only: `train.data.variants.Variants` looks them up by image id (all
variants of an image share one), `train.networks.conditions` embeds them, the fingerprint of a
training takes them in, and `train.export.model_file.Model` draws of some of the real ones where
nothing else is asked (`Model.of_vectors` asks).

A kind of condition is one function, ``make(facts, params, work) -> Conditioned``, and a line in
`KINDS`:

- ``facts``: a table of one row an image that is kept, by image_id, with the columns of LISTINGS
  that tell of a listing, as its newest page has them (``sheet`` is a JSON text), and ``split``;
- ``work``: a folder for what would take long to make again;
- ``Conditioned.vectors``: float32 (rows, k), in the order of ``facts``, all finite;
- ``Conditioned.description``: what JSON can hold, from which a vector can be made again of what a
  user asks for; ``kind`` is added to it.
"""
