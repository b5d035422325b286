"""One module a rule, named as its reason."""
