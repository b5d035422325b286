"""Sites that one YAML file describes: how such a file is read, and how it walks and reads a site.

From the bottom up: ``bounded`` (the selectors, regexes and paths that may be written, all of which
end in bounded time), ``rule`` and ``schema`` (every key), ``load`` (a file into a description, with errors that
name the key), ``page`` (a rule against a page), ``images`` (sizes, keys, lazy sources),
``records`` (a page into items), ``walk`` and ``site`` (the `Site` that all else uses), and
``trial`` and ``draft``, which serve ``salon site``.
"""
