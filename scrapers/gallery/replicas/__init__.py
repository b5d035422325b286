"""The replicas of the sites: addresses, pages and JSON as the sites write them."""
