"""The data card: one self-contained HTML page about a version of a dataset and its model.

Each module makes the content of one part of the page from tables and files that earlier stages
wrote; `pipeline.card.data_card` puts the parts into `templates/`. Whatever came from the web
reaches the page only through the templates, which escape it.
"""
