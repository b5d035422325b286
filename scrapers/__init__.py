"""The only code that touches the network: polite sessions, captures, and one package a site."""
