"""Sites that one YAML file describes: how such a file is read, and how it walks and reads a site.

From the bottom up: ``bounded`` (the selectors, regexes and paths that may be written, all of which
end in bounded time), ``field_rule`` and ``description_schema`` (every key), ``load_description``
(with errors that name the key), ``images`` (sizes, keys, lazy sources), ``page`` (a rule against a
page), ``records`` (a page into items), ``walk`` and ``site`` (the `Site` that all else uses).
`scrapers.trial` serves ``salon site``.
"""
